-- Who an account is to a provider of OpenID Connect.
CREATE TABLE identities (
    issuer  text NOT NULL,
    subject text NOT NULL,
    account bigint NOT NULL UNIQUE REFERENCES accounts (id),
    PRIMARY KEY (issuer, subject)
);
