-- Who is known to the service. A password is kept as an argon2id string, every
-- other secret as its SHA-256.
CREATE TABLE accounts (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    display    TEXT NOT NULL,
    agency     INTEGER NOT NULL,
    role       TEXT NOT NULL,
    password   TEXT,
    disabled   INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL REFERENCES accounts (id),
    secret     BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    last_use   INTEGER NOT NULL,
    idle_ms    INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    address    TEXT,
    agent      TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_by_account ON sessions (account);

CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    agency     INTEGER NOT NULL,
    scopes     TEXT NOT NULL, -- parted by spaces
    secret     BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    last_use   INTEGER NOT NULL DEFAULT 0, -- 0: never, like the two that follow
    ends_at    INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Codes that walls show; `account` is the wall's once it was let in.
CREATE TABLE wall_codes (
    code    TEXT PRIMARY KEY,
    claim   BLOB NOT NULL UNIQUE,
    ends_at INTEGER NOT NULL,
    account INTEGER REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;

-- Append-only: `link` is SHA-256 over the link before it in hex, a newline, and
-- `line`; before the first stand 64 zeros.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    line   TEXT NOT NULL,
    link   BLOB NOT NULL
) STRICT;
