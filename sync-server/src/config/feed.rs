//! How long devices may be away and still only hear what is new.

use crate::sync::horizon::DEFAULT_DAYS;

/// The feed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct FeedConfig {
    /// Days after which a device that comes back loads everything within its reach instead of what changed
    #[arg(
        id = "horizon-days",
        long,
        env = "MAINTAINPRO_HORIZON_DAYS",
        value_name = "DAYS",
        default_value_t = DEFAULT_DAYS,
        value_parser = clap::value_parser!(u32).range(1..=36_500)
    )]
    pub horizon_days: u32,
}
