-- Requests of servers that were done, so that none is done twice: a keyed digest and a time, and nothing of what they were.
CREATE TABLE done_request (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    at_ms bigint NOT NULL,
    PRIMARY KEY (gallery, digest)
);
CREATE INDEX done_request_by_time ON done_request (gallery, at_ms);
