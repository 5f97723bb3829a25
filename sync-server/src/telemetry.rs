//! Logs and metrics. Logs are lines for a person or JSON for a machine; they name ids, never people, never
//! what somebody typed. Metrics are kept for Prometheus to fetch.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::config::log::{LogConfig, LogFormat};

/// Latency buckets in seconds, dense where the goals are.
const LATENCY_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How often measurements are summed up.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Starts logging to standard error, so that standard output stays free for what a command prints.
/// A second call changes nothing.
pub fn start_logging(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let subscriber = subscriber.with_ansi(std::io::stderr().is_terminal());
    let started = match config.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => {
            subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
        }
    };
    if started.is_err() {
        tracing::debug!("logging was already started");
    }
}

/// Whole milliseconds, as log lines give durations.
pub fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The process-wide metrics; installed at the first call.
pub fn metrics() -> PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(install_metrics).clone()
}

/// Sums up what was measured, again and again, until the server stops: every measurement of a duration takes memory until
/// then, also where nobody ever fetches /metrics.
pub async fn keep_up(metrics: PrometheusHandle, shutdown: CancellationToken) {
    let mut turns = interval(UPKEEP_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = turns.tick() => metrics.run_upkeep(),
        }
    }
}

fn install_metrics() -> PrometheusHandle {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &LATENCY_BUCKETS)
        .expect("the list of buckets is not empty");
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another metrics recorder is installed; /metrics stays empty");
    }
    describe();
    handle
}

fn describe() {
    metrics::describe_counter!("http_requests_total", "Requests answered, by method, route and status");
    metrics::describe_histogram!(
        "http_request_duration_seconds",
        metrics::Unit::Seconds,
        "Time from a request's head to its answer's head, by method and route"
    );
    metrics::describe_counter!("sign_ins_total", "Attempts to sign in, by outcome");
    metrics::describe_counter!(
        "session_replays_total",
        "Sessions that ended because a superseded token was used"
    );
    metrics::describe_counter!(
        "sync_commands_quarantined_total",
        "Commands refused and kept for examination"
    );
    metrics::describe_histogram!(
        "sync_push_judge_duration_seconds",
        metrics::Unit::Seconds,
        "Time spent on judging what was pushed at once"
    );
    metrics::describe_counter!(
        "sync_push_judge_overruns_total",
        "Pushes that took more than 250 ms to judge, which the limits of the gate are to prevent"
    );
    metrics::describe_counter!("sync_quarantine_dropped_total", "Kept commands dropped beyond the quota");
}
