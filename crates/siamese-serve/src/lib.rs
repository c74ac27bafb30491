//! Galleries over HTTP.
