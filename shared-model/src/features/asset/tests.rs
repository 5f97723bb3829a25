//! Tests of the asset feature.
