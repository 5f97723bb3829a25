//! Bytes that nobody honest sends, by the million, at everything that reads bytes from outside.
//!
//! A [`Target`] begins with honest inputs and known attacks, and damages them: bits, ranges, pieces of one another,
//! numbers and lengths, and by the rules of its own form (a change gets a right checksum again, so that damage is not
//! refused at the door). What leads to an answer not heard before is damaged further. Nothing may panic, and each input
//! costs bounded memory and time. A run is repeated by its seed; a finding is kept as a file in `tests/fuzz/<target>/`
//! and is among the inputs of every run after. To add a target: a module with a [`Target`], a line in [`TARGETS`].

mod change;
mod frames;
mod gate;
mod import;
pub mod measure;
mod mutate;
mod packs;
mod records;
mod repo;
pub mod worst;

// Known attacks are written by what the gate's own tests write theirs with.
#[expect(dead_code, reason = "the gate's tests write more than is needed here")]
#[path = "../../../shared-model/src/gate/tests/craft.rs"]
mod craft;
mod door;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use shared_model::document::Document;
use shared_model::document::genesis::GENESIS_ACTOR;
use shared_model::identity::ActorId;

use measure::Cost;

/// Every target, by name.
pub const TARGETS: &[Target] = &[
    frames::DEVICE,
    frames::SERVER,
    gate::TARGET,
    records::TARGET,
    repo::MESSAGE,
    repo::SYNC,
    import::CSV,
    import::COMMANDS,
    packs::PACK,
    packs::TOKEN,
];

/// Most memory that reading one input may take.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most time in an optimised build; one without optimisation is given twenty times as much.
const MAX_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 250 });
/// Longer inputs are read once and not damaged further, so that a run reads many.
const MAX_KEPT_BYTES: usize = 16 * 1024;
/// Inputs that are kept for the same answer, beside the first ones.
const KEPT_PER_ANSWER: usize = 6;
/// A target that is broken in so many ways is told so before its time is up.
const MOST_FINDINGS: usize = 10;

/// What the target made of an input, in few words; or what is wrong with that.
type Answer = Result<String, String>;

/// One of the inputs, damaged by the rules of the form; `None` when it has no such form.
type Damage = fn(&mut SmallRng, &[Vec<u8>]) -> Option<Vec<u8>>;

/// Something that reads bytes from outside.
pub struct Target {
    /// How it is called on the command line.
    pub name: &'static str,
    /// Honest inputs and known attacks.
    seeds: fn() -> Vec<Vec<u8>>,
    /// Pieces of its language.
    words: &'static [&'static [u8]],
    /// Damage by the rules of the form, to one of these inputs.
    damage: Damage,
    /// Reads the input and looks whether all that must hold holds.
    read: fn(&[u8]) -> Answer,
}

/// When a run ends.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After so many inputs.
    Runs(u64),
    /// After so long.
    Time(Duration),
}

/// An input that broke something.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is wrong.
    pub problem: String,
    /// The input.
    pub input: Vec<u8>,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Inputs read.
    pub executions: u64,
    /// Different answers heard.
    pub answers: BTreeMap<String, usize>,
    /// The most that any one input took.
    pub worst: Cost,
    /// What broke.
    pub findings: Vec<Finding>,
}

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Where what was once found is kept.
    pub fn folder(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(self.name)
    }

    /// The inputs that a run begins with.
    fn corpus(&self) -> Vec<Vec<u8>> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.folder())
            .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default();
        files.sort();
        let found = files.iter().map(|file| std::fs::read(file).unwrap());
        (self.seeds)().into_iter().chain(found).collect()
    }

    /// Damages and reads until the budget is used up.
    pub fn run(&self, seed: u64, until: Until) -> Report {
        let began = Instant::now();
        let mut report = Report::default();
        let mut corpus = self.corpus();
        for input in corpus.clone() {
            report.take(self.attempt(&input), input);
        }
        for number in 0.. {
            let is_over = match until {
                Until::Runs(runs) => number >= runs,
                Until::Time(time) => began.elapsed() >= time,
            };
            if is_over || report.findings.len() >= MOST_FINDINGS {
                break;
            }
            let mut random = SmallRng::seed_from_u64(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let input = self.damaged(&mut random, &corpus);
            if report.take(self.attempt(&input), input.clone()) {
                corpus.push(input);
            }
        }
        report
    }

    fn damaged(&self, random: &mut SmallRng, corpus: &[Vec<u8>]) -> Vec<u8> {
        if random.random()
            && let Some(input) = (self.damage)(random, corpus)
        {
            return input;
        }
        let mut input = mutate::pick(random, corpus).to_vec();
        mutate::bytes(random, &mut input, corpus, self.words);
        input
    }

    /// Reads one input, and holds what that costs against the limits.
    fn attempt(&self, input: &[u8]) -> (Answer, Cost) {
        let once = || measure::cost(|| catch_unwind(AssertUnwindSafe(|| (self.read)(input))));
        let (outcome, mut cost) = once();
        if cost.time > MAX_TIME {
            // Another program on the machine may have slowed it down: what counts is the time on the processor.
            cost.time = measure::on_processor(|| drop(once())).min(cost.time);
        }
        let answer = match outcome {
            Err(panic) => Err(format!("panics: {}", said(panic.as_ref()))),
            Ok(_) if cost.bytes > MAX_BYTES => Err(format!("takes {} bytes of memory", cost.bytes)),
            Ok(_) if cost.time > MAX_TIME => Err(format!("takes {} ms", cost.time.as_millis())),
            Ok(answer) => answer,
        };
        (answer, cost)
    }
}

impl Report {
    /// Notes what came of an input; says whether it is worth damaging further.
    fn take(&mut self, (answer, cost): (Answer, Cost), input: Vec<u8>) -> bool {
        self.executions += 1;
        self.worst.bytes = self.worst.bytes.max(cost.bytes);
        self.worst.time = self.worst.time.max(cost.time);
        match answer {
            Ok(answer) => {
                let heard = self.answers.entry(answer).or_default();
                *heard += 1;
                *heard <= KEPT_PER_ANSWER && input.len() <= MAX_KEPT_BYTES
            }
            Err(problem) => {
                let kind = kind_of(&problem);
                if self.findings.iter().all(|known| kind_of(&known.problem) != kind) {
                    self.findings.push(Finding { problem, input });
                }
                false
            }
        }
    }
}

impl Finding {
    /// Keeps the input, so that every run after begins with it; says where.
    pub fn keep(&self, target: &Target) -> PathBuf {
        let name: String =
            Sha256::digest(&self.input)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::create_dir_all(target.folder()).unwrap();
        let file = target.folder().join(format!("{name}.bin"));
        std::fs::write(&file, &self.input).unwrap();
        file
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}

/// A message without its numbers and names, so that many of one kind count as one.
fn kind_of(message: &str) -> String {
    message.chars().filter(|letter| letter.is_ascii_alphabetic() || *letter == ' ').take(60).collect()
}

/// Reads what is written anew as the same.
fn same<T: PartialEq + std::fmt::Debug>(
    first: &T,
    again: Result<T, impl std::fmt::Display>,
) -> Result<(), String> {
    match again {
        Ok(again) if again == *first => Ok(()),
        Ok(again) => Err(format!("is read back as another: {first:?}, {again:?}")),
        Err(error) => Err(format!("is written so that it cannot be read: {error}")),
    }
}

/// The files that old versions wrote for this noun, by name.
fn golden(noun: &str, file: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(noun).join(file);
    std::fs::read(&path).unwrap_or_default()
}

/// Kinds of documents and the folders of their golden files.
const NOUNS: &[(shared_model::document::DocumentKind, &str)] = {
    use shared_model::document::DocumentKind as Kind;
    &[
        (Kind::WorkOrder, "work_order"),
        (Kind::Asset, "asset"),
        (Kind::Location, "location"),
        (Kind::Part, "part"),
        (Kind::Storeroom, "storeroom"),
        (Kind::ChecklistTemplate, "checklist"),
    ]
};
