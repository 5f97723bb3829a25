//! Tests of the work-order feature.
