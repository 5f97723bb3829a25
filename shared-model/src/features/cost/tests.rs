//! Tests of costs and prices.
