//! Tests of settling conflicts.
