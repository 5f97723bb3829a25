//! Why the gate refuses bytes.

use automerge::ChangeHash;

/// What the gate measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Bytes of a command.
    Command,
    /// Bytes of a record.
    Record,
    /// Bytes of a change.
    Change,
    /// Dependencies of a change.
    Dependencies,
    /// Bytes of a change's message.
    Message,
    /// Rows of a column of a change.
    Operations,
    /// Operations of all changes of a command.
    CommandOperations,
    /// Changes of a command.
    Changes,
    /// Documents of a command.
    Documents,
}

impl Measure {
    const fn noun(self) -> &'static str {
        match self {
            Self::Command => "bytes in a command",
            Self::Record => "bytes in a record",
            Self::Change => "bytes in a change",
            Self::Dependencies => "dependencies of a change",
            Self::Message => "bytes in a message",
            Self::Operations => "operations in a change",
            Self::CommandOperations => "operations in a command, with those that they overwrite",
            Self::Changes => "changes in a command",
            Self::Documents => "documents in a command",
        }
    }
}

/// Why bytes from outside are refused. Everything but [`Refused::MissingDeps`] is final: the same bytes will
/// be refused again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The document lacks changes that this one builds upon; with them it may pass.
    #[error("{} dependencies are missing", .0.len())]
    MissingDeps(Vec<ChangeHash>),
    /// More than [`LIMITS`](super::LIMITS) allow.
    #[error("more than {limit} {}", measure.noun())]
    TooMuch {
        /// Of what.
        measure: Measure,
        /// How much would be allowed.
        limit: usize,
    },
    /// The bytes are no chunk of Automerge's storage format.
    #[error("not an Automerge chunk")]
    NotAChunk,
    /// A chunk of another type: a document (0), a compressed change (2), a bundle (3) or an unknown one.
    #[error("a chunk of type {0} is not accepted")]
    ChunkType(u8),
    /// The content is not what the checksum says.
    #[error("the checksum does not match")]
    Checksum,
    /// The stated lengths and the bytes disagree, or something follows the end.
    #[error("the stated lengths do not match the bytes")]
    Length,
    /// A number, a string or an index cannot be read.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// There is a shorter or differently ordered way to write the same, which is the one Automerge will write
    /// when it stores the change; the stored change would have another hash.
    #[error("{0} is not written in the canonical form")]
    NotCanonical(&'static str),
    /// A column that changes of ours do not have (marks, unknown ones).
    #[error("column {0:#x} is not accepted")]
    Column(u32),
    /// A compressed column.
    #[error("compressed column {0:#x} is not accepted")]
    CompressedColumn(u32),
    /// The columns describe different numbers of operations.
    #[error("columns of unequal length")]
    UnequalColumns,
    /// An actor does not have sixteen bytes.
    #[error("an actor has {0} bytes instead of 16")]
    ActorLength(usize),
    /// The author is one that only genesis changes and schema steps have.
    #[error("this actor is reserved for genesis")]
    ReservedActor,
    /// The author does not belong to whoever sent this.
    #[error("this actor belongs to somebody else")]
    ForeignActor,
    /// Bytes after the last column (an author footer, for example).
    #[error("extra bytes after the operations")]
    ExtraBytes,
    /// A time that no clock shows.
    #[error("the time {0} s is beyond any clock")]
    Time(i64),
    /// Operation numbers that do not fit Automerge's 32 bits.
    #[error("operation numbers beyond 32 bits")]
    CounterRange,
    /// An action that documents of ours do not use (lists, tables, counters, marks, unknown ones).
    #[error("action {0} is not accepted")]
    Action(u64),
    /// Object, key, value, action and predecessors of an operation do not belong together.
    #[error("operation {row} is malformed: {problem}")]
    Operation {
        /// Which operation of the change, from 0.
        row: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A change without dependencies that is not the genesis of this kind of document.
    #[error("the change does not build upon genesis")]
    NoDependencies,
    /// An operation-free change that is no merge by the server.
    #[error("the change does nothing")]
    Nothing,
    /// The author has already written a change with this number, another one.
    #[error("change number {0} of this actor exists already, with other content")]
    SeqTaken(u64),
    /// The author's changes are numbered without gaps, each building upon the one before.
    #[error("change number {found} of this actor, {expected} was next")]
    SeqGap {
        /// The next free number.
        expected: u64,
        /// The number in the change.
        found: u64,
    },
    /// The first operation number is not the one that follows from the dependencies.
    #[error("operations start at {found} instead of {expected}")]
    StartOp {
        /// The number after the greatest of the dependencies.
        expected: u64,
        /// The number in the change.
        found: u64,
    },
    /// The object written to is not in the causal past of the change.
    #[error("operation {row} writes to an object that does not exist")]
    UnknownObject {
        /// Which operation of the change, from 0.
        row: usize,
    },
    /// The overwritten operation is not in the causal past of the change.
    #[error("operation {row} overwrites something that does not exist")]
    UnknownPredecessor {
        /// Which operation of the change, from 0.
        row: usize,
    },
    /// The overwritten operation is one on another object or key.
    #[error("operation {row} overwrites something elsewhere")]
    WrongPredecessor {
        /// Which operation of the change, from 0.
        row: usize,
    },
    /// The character named is not in this text.
    #[error("operation {row} names a character that is not in the text")]
    UnknownElement {
        /// Which operation of the change, from 0.
        row: usize,
    },
    /// The field table has no such path.
    #[error("no field {0} in this kind of document")]
    UnknownField(String),
    /// The value does not fit the field's type or size.
    #[error("the value does not fit the field {0}")]
    WrongType(String),
    /// A container that exists once and for all cannot be made again, overwritten or deleted.
    #[error("the container {0} cannot be replaced")]
    FixedContainer(String),
    /// A record that cannot be read, or is not written in the canonical form.
    #[error("not a record: {0}")]
    Record(String),
    /// A kind of record that this version does not know.
    #[error("unknown kind of record")]
    RecordKind,
    /// The payload is not what a record of this kind states.
    #[error("the payload is not a fact of its kind")]
    RecordPayload,
    /// Automerge refuses what passed everything else.
    #[error("Automerge cannot read the change: {0}")]
    Automerge(String),
}

impl Refused {
    /// The stable code, for the wire, quarantine and metrics.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingDeps(_) => "missing_deps",
            Self::TooMuch { measure, .. } => match measure {
                Measure::Command => "command_too_long",
                Measure::Record => "record_too_long",
                Measure::Change => "change_too_long",
                Measure::Dependencies => "too_many_dependencies",
                Measure::Message => "message_too_long",
                Measure::Operations | Measure::CommandOperations => "too_many_operations",
                Measure::Changes => "too_many_changes",
                Measure::Documents => "too_many_documents",
            },
            Self::NotAChunk => "not_a_chunk",
            Self::ChunkType(_) => "chunk_type",
            Self::Checksum => "checksum",
            Self::Length => "length",
            Self::Malformed(_) => "malformed",
            Self::NotCanonical(_) => "not_canonical",
            Self::Column(_) => "column",
            Self::CompressedColumn(_) => "compressed_column",
            Self::UnequalColumns => "unequal_columns",
            Self::ActorLength(_) => "actor_length",
            Self::ReservedActor => "reserved_actor",
            Self::ForeignActor => "foreign_actor",
            Self::ExtraBytes => "extra_bytes",
            Self::Time(_) => "time",
            Self::CounterRange => "counter_range",
            Self::Action(_) => "action",
            Self::Operation { .. } => "operation",
            Self::NoDependencies => "no_dependencies",
            Self::Nothing => "nothing",
            Self::SeqTaken(_) => "seq_taken",
            Self::SeqGap { .. } => "seq_gap",
            Self::StartOp { .. } => "start_op",
            Self::UnknownObject { .. } => "unknown_object",
            Self::UnknownPredecessor { .. } => "unknown_predecessor",
            Self::WrongPredecessor { .. } => "wrong_predecessor",
            Self::UnknownElement { .. } => "unknown_element",
            Self::UnknownField(_) => "unknown_field",
            Self::WrongType(_) => "wrong_type",
            Self::FixedContainer(_) => "fixed_container",
            Self::Record(_) => "record",
            Self::RecordKind => "record_kind",
            Self::RecordPayload => "record_payload",
            Self::Automerge(_) => "automerge",
        }
    }
}
