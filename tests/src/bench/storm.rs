//! Ten thousand devices on one node: what each socket takes, and how long after a kill -9 of the server all of them
//! are back and in sync. Afterwards everybody has to hear of one edit, or was lost.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shared_model::account::SocketTicket;
use shared_model::identity::DeviceId;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{CommandResult, DeviceFrame, Plan, ServerFrame};
use sync_server::random;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use super::line::{self, Line, Stand};
use super::maker::Maker;
use super::sockets::{EMAIL, ORGANISATION, memory_bytes, program, with_a_person};
use super::{Bench, Metric, open_files, percentile};
use crate::client::Client;
use crate::process::{DataFolder, ServerProcess};

/// The load's end of each socket is a file, and some are needed beside them.
const OTHER_FILES: usize = 500;
/// A connection that was closed blocks its port for a minute; addresses of the load spread them.
const ADDRESSES: usize = 8;
const FIRST_BACKOFF_MS: u64 = 500;
const TURN_MS: u64 = 1_000;
/// Nobody waits longer for the crowd; who is not there by then counts as lost.
const PATIENCE: Duration = Duration::from_secs(180);

/// Measures ten thousand sockets, or a thousand in a quick run.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let wanted = bench.load(10_000, 1_000);
    let count = wanted.min(open_files().saturating_sub(OTHER_FILES));
    if count < wanted {
        eprintln!("{wanted} sockets need more open files than allowed (ulimit -n); {count} are measured");
    }
    let program = program()?;
    let data = DataFolder::create();
    with_a_person(&program, &data)?;
    let anywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let server = ServerProcess::start_at(&program, &data, &[], anywhere);
    let runtime = Runtime::new()?;
    let mut crowd = runtime.block_on(Crowd::gather(&server, count))?;
    let memory = memory_bytes(server.id())? - crowd.memory_before;
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, server.address.port()));
    crowd.empty();
    server.kill();
    let server = ServerProcess::start_at(&program, &data, &[], address);
    let mut back = runtime.block_on(crowd.all_back())?;
    let heard = runtime.block_on(crowd.hear_of_an_edit())?;
    runtime.shutdown_background();
    anyhow::ensure!(server.terminate(), "the server did not end well");
    let name = |what: &str| format!("{count} devices after a kill -9: {what}");
    let lost = (count - heard) as f64;
    Ok(vec![
        Metric::new(format!("live sockets on one node, of {count}"), crowd.live as f64, "", "10,000"),
        Metric::new(
            format!("memory of an idle socket, one of {count}"),
            memory / count as f64 / 1e3,
            "KB",
            "≤ 20 KB",
        ),
        Metric::new(name("half of them in sync after"), percentile(&mut back, 0.5), "s", ""),
        Metric::new(name("all in sync after"), percentile(&mut back, 1.0), "s", "≤ 60 s"),
        Metric::new(name("lost"), lost, "", "0"),
    ])
}

/// What a device says.
enum News {
    /// It is in sync.
    Back(Instant),
    /// The feed has come so far.
    Heard(u64),
}

struct Crowd {
    client: Client,
    device: DeviceId,
    grants: Grants,
    news: mpsc::UnboundedReceiver<News>,
    count: usize,
    /// Devices that were in sync before the kill.
    live: usize,
    memory_before: f64,
    killed: Option<Instant>,
    _end: watch::Sender<()>,
}

impl Crowd {
    /// Switches so many devices on and waits until all are in sync.
    async fn gather(server: &ServerProcess, count: usize) -> anyhow::Result<Self> {
        let mut client = Client::new(SocketAddr::from(([127, 0, 0, 1], server.address.port())));
        let signed_in = client.sign_in(ORGANISATION, EMAIL).await;
        let (device, grants) = (signed_in.device.id, signed_in.grants);
        let ticket = client.socket_ticket().await;
        let stand = Line::open(client.address(), &ticket.ticket).await?.stand(device).await?;
        let memory_before = memory_bytes(server.id())?;
        let (tell, news) = mpsc::unbounded_channel();
        let (end, ended) = watch::channel(());
        let stand = Arc::new(stand);
        for number in 0..count {
            let last = u8::try_from(1 + number % ADDRESSES)?;
            let address = SocketAddr::new(IpAddr::from([127, 0, 0, last]), server.address.port());
            let whose = Whose { client: client.at(address), device, stand: Arc::clone(&stand) };
            let (tell, mut ended) = (tell.clone(), ended.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = live(whose, tell) => {}
                    _ = ended.changed() => {}
                }
            });
        }
        let grants = Grants { person: signed_in.person.id, grants };
        let mut crowd =
            Self { client, device, grants, news, count, live: 0, memory_before, killed: None, _end: end };
        crowd.live = crowd.backs().await?.len();
        Ok(crowd)
    }

    /// What comes from now on is of the time after the kill.
    fn empty(&mut self) {
        while self.news.try_recv().is_ok() {}
        self.killed = Some(Instant::now());
    }

    async fn backs(&mut self) -> anyhow::Result<Vec<Instant>> {
        let mut backs = Vec::new();
        let all = async {
            while backs.len() < self.count {
                match self.news.recv().await {
                    Some(News::Back(at)) => backs.push(at),
                    Some(News::Heard(_)) => {}
                    None => anyhow::bail!("no device is left"),
                }
            }
            Ok(())
        };
        // Who does not come shows in the figures.
        let _ = tokio::time::timeout(PATIENCE, all).await;
        Ok(backs)
    }

    /// Seconds from the kill until each device was in sync.
    async fn all_back(&mut self) -> anyhow::Result<Vec<f64>> {
        let killed = self.killed.context("nobody was killed")?;
        let backs = self.backs().await?;
        anyhow::ensure!(backs.len() == self.count, "{} of {} came back", backs.len(), self.count);
        Ok(backs.into_iter().map(|at| at.duration_since(killed).as_secs_f64()).collect())
    }

    /// How many devices hear of an edit.
    async fn hear_of_an_edit(&mut self) -> anyhow::Result<usize> {
        let ticket = self.client.socket_ticket().await;
        let mut line = Line::open(self.client.address(), &ticket.ticket).await?;
        line.greet(self.device, &Stand::default()).await?;
        let commands = Maker::new(self.grants.clone(), 0).create(1);
        line.say(&DeviceFrame::Push { commands }).await?;
        let seq = loop {
            let ServerFrame::PushResults { results } = line.hear().await? else { continue };
            let Some((_, CommandResult::Accepted { seqs, .. })) = results.first() else {
                anyhow::bail!("not accepted: {results:?}");
            };
            break seqs.first().copied().unwrap_or_default();
        };
        let mut heard = 0;
        let all = async {
            while heard < self.count {
                match self.news.recv().await {
                    Some(News::Heard(to)) => heard += usize::from(to >= seq),
                    Some(News::Back(_)) => {}
                    None => break,
                }
            }
        };
        let _ = tokio::time::timeout(PATIENCE, all).await;
        Ok(heard)
    }
}

#[derive(Clone)]
struct Whose {
    client: Client,
    device: DeviceId,
    stand: Arc<Stand>,
}

/// The life of a device that has nothing to do but to stay connected.
async fn live(whose: Whose, news: mpsc::UnboundedSender<News>) {
    let mut dice = SmallRng::from_seed(random::bytes());
    let mut failures = 0_u32;
    loop {
        let wait_ms = match connect(&whose).await {
            Ok(Ok(line)) => {
                failures = 0;
                if news.send(News::Back(Instant::now())).is_err() {
                    return;
                }
                follow(line, &news).await;
                dice.random_range(0..FIRST_BACKOFF_MS)
            }
            Ok(Err(turn_ms)) => turn_ms + dice.random_range(0..TURN_MS),
            Err(_) => {
                failures += 1;
                dice.random_range(0..FIRST_BACKOFF_MS << failures.min(7))
            }
        };
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }
}

/// A socket that is welcomed; or the milliseconds until it is this device's turn.
async fn connect(whose: &Whose) -> anyhow::Result<Result<Line, u64>> {
    let mut client = whose.client.clone();
    let answer = client.try_send(Request::post("/api/socket-tickets").body(Body::empty())?).await?;
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        let seconds: u64 = answer.header("retry-after").parse()?;
        return Ok(Err(seconds * 1_000));
    }
    anyhow::ensure!(answer.status == StatusCode::CREATED, "no ticket: {answer:?}");
    let ticket: SocketTicket = serde_json::from_slice(&answer.body)?;
    let mut line = Line::open(client.address(), &ticket.ticket).await?;
    let welcomed = line.greet(whose.device, &whose.stand).await?;
    anyhow::ensure!(welcomed.plan == Plan::Delta, "a device in sync is sent to {:?}", welcomed.plan);
    Ok(Ok(line))
}

async fn follow(mut line: Line, news: &mpsc::UnboundedSender<News>) {
    while let Ok(bytes) = line.hear_bytes().await {
        if let Ok(ServerFrame::Feed { to, .. }) = line::read(&bytes)
            && (news.send(News::Heard(to.seq)).is_err()
                || line.say(&DeviceFrame::Stored { seq: to.seq }).await.is_err())
        {
            return;
        }
    }
}
