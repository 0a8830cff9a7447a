-- Who is known to the service. A password is kept as an argon2id string, every
-- other secret as its SHA-256. Times are whole milliseconds of UTC since 1970.
CREATE TABLE accounts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    display    text NOT NULL,
    agency     integer NOT NULL,
    role       text NOT NULL,
    password   text,
    disabled   smallint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL
);

CREATE TABLE sessions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account    bigint NOT NULL REFERENCES accounts (id),
    secret     bytea NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    last_use   bigint NOT NULL,
    idle_ms    bigint NOT NULL,
    ends_at    bigint NOT NULL,
    address    text,
    agent      text NOT NULL
);

CREATE INDEX sessions_by_account ON sessions (account);

CREATE TABLE tokens (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    agency     integer NOT NULL,
    scopes     text NOT NULL, -- parted by spaces
    secret     bytea NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    last_use   bigint NOT NULL DEFAULT 0, -- 0: never, like the two that follow
    ends_at    bigint NOT NULL,
    revoked_at bigint NOT NULL DEFAULT 0
);

-- Codes that walls show; `account` is the wall's once it was let in.
CREATE TABLE wall_codes (
    code    text PRIMARY KEY,
    claim   bytea NOT NULL UNIQUE,
    ends_at bigint NOT NULL,
    account bigint REFERENCES accounts (id)
);

-- Append-only: `link` is SHA-256 over the link before it in hex, a newline, and
-- `line`; before the first stand 64 zeros.
CREATE TABLE audit (
    number bigint PRIMARY KEY,
    line   text NOT NULL,
    link   bytea NOT NULL
);
