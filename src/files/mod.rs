//! Files as a whole: read when they are files, replaced at once, private from their first byte. Knows nothing of what is in them.

pub mod atomic;
pub mod read;
