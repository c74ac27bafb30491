-- Requests of servers that were done, so that none is done twice: a keyed digest and a time, and nothing of what they were.
CREATE TABLE done_request (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX done_request_by_time ON done_request (at_ms);
