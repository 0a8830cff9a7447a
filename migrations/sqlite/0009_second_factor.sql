-- An account's second factor (TOTP): its secret in clear, since codes are computed with
-- it (NULL: there is none), and the last step of time whose code was used.
ALTER TABLE accounts ADD COLUMN factor BLOB;
ALTER TABLE accounts ADD COLUMN factor_step INTEGER NOT NULL DEFAULT 0;

-- What does instead of a code, once; kept as SHA-256. `used_at` is 0 until then.
CREATE TABLE recovery_codes (
    account INTEGER NOT NULL REFERENCES accounts (id),
    code    BLOB NOT NULL,
    used_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, code)
) STRICT, WITHOUT ROWID;
