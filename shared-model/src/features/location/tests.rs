//! Tests of the location feature.
