-- Who an account is to a provider of OpenID Connect.
CREATE TABLE identities (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    account INTEGER NOT NULL UNIQUE REFERENCES accounts (id),
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
