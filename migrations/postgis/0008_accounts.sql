-- When an account's password was set (0: not known), whether its owner must choose
-- another before anything else, when it last signed in (0: never), and how often that
-- failed since.
ALTER TABLE accounts ADD COLUMN password_at bigint NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN must_change smallint NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN last_sign_in bigint NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN failed_tries bigint NOT NULL DEFAULT 0;

-- When whose session it is last proved who they are (0: only at its beginning).
ALTER TABLE sessions ADD COLUMN verified_at bigint NOT NULL DEFAULT 0;
