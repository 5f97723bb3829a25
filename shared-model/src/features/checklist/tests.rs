//! Tests of the checklist feature.
