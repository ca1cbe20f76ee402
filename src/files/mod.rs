//! Files as a whole: replaced at once, private from their first byte. Knows nothing of what is in them.

pub mod atomic;
