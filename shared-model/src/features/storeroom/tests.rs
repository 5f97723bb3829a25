//! Tests of the storeroom feature.
