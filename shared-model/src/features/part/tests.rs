//! Tests of the part feature.
