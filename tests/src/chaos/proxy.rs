//! A bad network of our own: a proxy between a device and a server that knows where a frame begins and ends. It
//! delays, throttles, stalls either way, forgets connections, cuts frames in the middle, takes whole ones away and
//! resets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::wire::{Piece, Wire};

/// How often a throttled wire lets something pass.
const DRIP: Duration = Duration::from_millis(10);

/// How a direction carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carriage {
    /// At once.
    #[default]
    Clear,
    /// Every piece so much later.
    Late(Duration),
    /// So many bytes every ten milliseconds.
    Dripping(usize),
    /// Not at all, and later after all, as TCP does it across a partition.
    Stalled,
    /// Never again: whatever is sent is gone, and the connection with it, though neither end is told.
    Forgotten,
}

/// The network between a device and the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// From the device.
    pub up: Carriage,
    /// To the device.
    pub down: Carriage,
    /// Nobody is let in.
    pub is_shut: bool,
}

/// What ends connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// Now, with a reset.
    Reset,
    /// In the middle of the next frame.
    CutFrame,
    /// Instead of the next frame.
    DropFrame,
}

/// The proxy of one device.
pub struct Proxy {
    /// Where the device dials.
    pub address: SocketAddr,
    sky: Arc<Sky>,
    accepting: JoinHandle<()>,
}

struct Sky {
    upstream: Mutex<SocketAddr>,
    weather: watch::Sender<Weather>,
    /// The last strike, and how many there were.
    strike: watch::Sender<(u64, Option<Strike>)>,
}

impl Proxy {
    /// Opens one before a server.
    pub async fn open(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (weather, strike) = (watch::Sender::new(Weather::default()), watch::Sender::new((0, None)));
        let sky = Arc::new(Sky { upstream: Mutex::new(upstream), weather, strike });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&sky)));
        Self { address, sky, accepting }
    }

    /// From now on connections lead to this server.
    pub fn lead_to(&self, upstream: SocketAddr) {
        *self.sky.upstream.lock() = upstream;
    }

    /// The weather changes.
    pub fn set(&self, weather: Weather) {
        self.sky.weather.send_replace(weather);
    }

    /// Ends every connection there is, in this way.
    pub fn strike(&self, strike: Strike) {
        self.sky.strike.send_modify(|(count, last)| (*count, *last) = (*count + 1, Some(strike)));
    }

    /// All is well again. A strike nobody was hit by is over.
    pub fn heal(&self) {
        self.set(Weather::default());
        self.sky.strike.send_modify(|(count, last)| (*count, *last) = (*count + 1, None));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, sky: Arc<Sky>) {
    loop {
        let Ok((device, _)) = listener.accept().await else { return };
        if sky.weather.borrow().is_shut {
            reset(&device);
            continue;
        }
        tokio::spawn(carry(device, Arc::clone(&sky)));
    }
}

async fn carry(device: TcpStream, sky: Arc<Sky>) {
    let upstream = *sky.upstream.lock();
    // The server is away: the device hears it as it would without a proxy.
    let Ok(server) = TcpStream::connect(upstream).await else { return reset(&device) };
    let _ = (device.set_nodelay(true), server.set_nodelay(true));
    let struck_before = sky.strike.borrow().0;
    let ((device_read, device_write), (server_read, server_write)) =
        (device.into_split(), server.into_split());
    let (forgotten, over) = (Arc::new(AtomicBool::new(false)), CancellationToken::new());
    let line = |which: fn(&Weather) -> Carriage| Line {
        which,
        sky: Arc::clone(&sky),
        struck_before,
        forgotten: Arc::clone(&forgotten),
        over: over.clone(),
    };
    tokio::join!(
        line(|weather| weather.up).pump(device_read, server_write),
        line(|weather| weather.down).pump(server_read, device_write),
    );
}

/// One direction of one connection.
struct Line {
    which: fn(&Weather) -> Carriage,
    sky: Arc<Sky>,
    struck_before: u64,
    /// Both directions are lost once one was.
    forgotten: Arc<AtomicBool>,
    over: CancellationToken,
}

/// The connection is over.
struct Over;

impl Line {
    async fn pump(self, from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let over = self.over.clone();
        let ended = tokio::select! {
            ended = self.carry_all(from, &mut to) => ended,
            () = over.cancelled() => Err(Over),
        };
        match ended {
            // One end said all it had to say; the other may still answer.
            Ok(()) => _ = to.shutdown().await,
            Err(Over) => {
                reset(to.as_ref());
                over.cancel();
            }
        }
    }

    async fn carry_all(&self, mut from: OwnedReadHalf, to: &mut OwnedWriteHalf) -> Result<(), Over> {
        let mut wire = Wire::default();
        let mut strike = self.sky.strike.subscribe();
        loop {
            while let Some(piece) = wire.take() {
                self.pass_on(piece, to).await?;
            }
            tokio::select! {
                read = from.read_buf(&mut wire.arrived) => if read.map_err(|_| Over)? == 0 { return Ok(()) },
                _ = strike.changed() => if self.struck() == Some(Strike::Reset) { return Err(Over) },
            }
        }
    }

    fn struck(&self) -> Option<Strike> {
        let (count, strike) = *self.sky.strike.borrow();
        strike.filter(|_| count > self.struck_before)
    }

    async fn pass_on(&self, piece: Piece, to: &mut OwnedWriteHalf) -> Result<(), Over> {
        let (mut weather, mut strike) = (self.sky.weather.subscribe(), self.sky.strike.subscribe());
        loop {
            if self.forgotten.load(Ordering::Relaxed) {
                return Ok(());
            }
            let carriage = (self.which)(&weather.borrow_and_update());
            match carriage {
                Carriage::Clear => return self.deliver(&piece, usize::MAX, to).await,
                Carriage::Late(delay) => {
                    tokio::time::sleep(delay).await;
                    return self.deliver(&piece, usize::MAX, to).await;
                }
                Carriage::Dripping(bytes) => return self.deliver(&piece, bytes, to).await,
                Carriage::Stalled => tokio::select! {
                    changed = weather.changed() => changed.map_err(|_| Over)?,
                    _ = strike.changed() => if self.struck() == Some(Strike::Reset) { return Err(Over) },
                },
                Carriage::Forgotten => self.forgotten.store(true, Ordering::Relaxed),
            }
        }
    }

    async fn deliver(&self, piece: &Piece, at_once: usize, to: &mut OwnedWriteHalf) -> Result<(), Over> {
        let bytes = match piece {
            Piece::Text(bytes) => bytes,
            Piece::Frame(bytes) => match self.struck() {
                None => bytes,
                Some(Strike::CutFrame) => {
                    // Half of it arrives, or as much as the other end takes.
                    let _ = to.write_all(&bytes[..bytes.len() / 2]).await;
                    let _ = to.flush().await;
                    return Err(Over);
                }
                Some(Strike::DropFrame | Strike::Reset) => return Err(Over),
            },
        };
        for some in bytes.chunks(at_once.min(bytes.len()).max(1)) {
            to.write_all(some).await.map_err(|_| Over)?;
            if at_once < bytes.len() {
                tokio::time::sleep(DRIP).await;
            }
        }
        Ok(())
    }
}

/// Lets the connection end with a reset instead of a goodbye.
fn reset(stream: &TcpStream) {
    // Too late is as good: it has ended already.
    let _ = stream.set_zero_linger();
}
