//! Drawing commands. [`Slot`] names every variant of every command; a variant that is new does not compile until it
//! has a slot and somebody who draws it.

mod catalogue;
mod facts;
mod text;
mod work_order;

use shared_model::document::DocumentKind;
use shared_model::features::{Command, View, view};
use shared_model::features::{
    asset, checklist, comment, conflict, cost, labour_entry, location, meter_reading, part, stock_movement,
    storeroom, work_order as order,
};
use shared_model::identity::{DocumentId, PersonId, RecordId, TeamId};
use shared_model::instant::Timestamp;
use shared_model::units::Quantity;

use crate::replica::Replica;

macro_rules! slots {
    ($($slot:ident: $pattern:pat => $draw:path,)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Slot { $($slot),+ }

        impl Slot {
            pub const ALL: &[Self] = &[$(Self::$slot),+];

            /// The slot of a command; exhaustive, so that no variant is forgotten.
            pub fn of(command: &Command) -> Self {
                match command { $($pattern => Self::$slot),+ }
            }
        }

        impl Draw<'_> {
            /// A command of this slot, as somebody on this device could give it now.
            pub fn command(&mut self, slot: Slot) -> Option<Command> {
                match slot { $(Slot::$slot => $draw(self)),+ }
            }
        }
    };
}

slots! {
    WorkOrderCreate: Command::WorkOrder(order::Command::Create(_)) => work_order::create,
    WorkOrderEdit: Command::WorkOrder(order::Command::Edit { .. }) => work_order::edit,
    WorkOrderAssign: Command::WorkOrder(order::Command::Assign { .. }) => work_order::assign,
    WorkOrderChangeStatus: Command::WorkOrder(order::Command::ChangeStatus { .. }) => work_order::change_status,
    WorkOrderAttachChecklist: Command::WorkOrder(order::Command::AttachChecklist { .. }) => work_order::attach,
    WorkOrderAnswer: Command::WorkOrder(order::Command::Answer { .. }) => work_order::answer,
    WorkOrderUsePart: Command::WorkOrder(order::Command::UsePart { .. }) => work_order::use_part,
    WorkOrderStartTimer: Command::WorkOrder(order::Command::StartTimer { .. }) => work_order::start_timer,
    WorkOrderStopTimer: Command::WorkOrder(order::Command::StopTimer { .. }) => work_order::stop_timer,
    WorkOrderCorrectStatus: Command::WorkOrder(order::Command::CorrectStatus { .. }) => work_order::correct_status,
    WorkOrderCorrect: Command::WorkOrder(order::Command::Correct(_)) => work_order::correct,
    WorkOrderSettleNotice: Command::WorkOrder(order::Command::SettleNotice { .. }) => work_order::settle_notice,
    LabourAdd: Command::LabourEntry(labour_entry::Command::Add { .. }) => facts::labour,
    CommentAdd: Command::Comment(comment::Command::Add { .. }) => facts::comment,
    AssetCreate: Command::Asset(asset::Command::Create(_)) => catalogue::create_asset,
    AssetEdit: Command::Asset(asset::Command::Edit { .. }) => catalogue::edit_asset,
    AssetMove: Command::Asset(asset::Command::Move { .. }) => catalogue::move_asset,
    LocationCreate: Command::Location(location::Command::Create(_)) => catalogue::create_location,
    LocationEdit: Command::Location(location::Command::Edit { .. }) => catalogue::edit_location,
    CostSetRate: Command::Cost(cost::Command::SetRate { .. }) => facts::rate,
    LocationMove: Command::Location(location::Command::Move { .. }) => catalogue::move_location,
    PartCreate: Command::Part(part::Command::Create(_)) => catalogue::create_part,
    PartEdit: Command::Part(part::Command::Edit { .. }) => catalogue::edit_part,
    StoreroomCreate: Command::Storeroom(storeroom::Command::Create(_)) => catalogue::create_storeroom,
    StoreroomEdit: Command::Storeroom(storeroom::Command::Edit { .. }) => catalogue::edit_storeroom,
    StockReceive: Command::StockMovement(stock_movement::Command::Receive(_)) => facts::receive,
    StockIssue: Command::StockMovement(stock_movement::Command::Issue(_)) => facts::issue,
    StockReturn: Command::StockMovement(stock_movement::Command::Return(_)) => facts::give_back,
    StockScrap: Command::StockMovement(stock_movement::Command::Scrap(_)) => facts::scrap,
    StockTransfer: Command::StockMovement(stock_movement::Command::Transfer { .. }) => facts::transfer,
    StockCount: Command::StockMovement(stock_movement::Command::Count { .. }) => facts::count,
    MeterReadingAdd: Command::MeterReading(meter_reading::Command::Add { .. }) => facts::reading,
    ChecklistCreate: Command::Checklist(checklist::Command::Create(_)) => catalogue::create_checklist,
    ChecklistEdit: Command::Checklist(checklist::Command::Edit { .. }) => catalogue::edit_checklist,
    ChecklistSaveVersion: Command::Checklist(checklist::Command::SaveVersion { .. }) => catalogue::save_version,
    ChecklistPublish: Command::Checklist(checklist::Command::Publish { .. }) => catalogue::publish,
    ChecklistRetire: Command::Checklist(checklist::Command::Retire { .. }) => catalogue::retire,
    CostEnter: Command::Cost(cost::Command::Enter { .. }) => facts::cost,
    CostSetPrice: Command::Cost(cost::Command::SetPrice { .. }) => facts::price,
    ConflictSettle: Command::Conflict(conflict::Command::Settle { .. }) => facts::settle,
}

impl Slot {
    /// One document of every kind, in an order in which they can refer to each other.
    pub const CREATE: &[Self] = &[
        Self::LocationCreate,
        Self::AssetCreate,
        Self::PartCreate,
        Self::StoreroomCreate,
        Self::ChecklistCreate,
        Self::WorkOrderCreate,
    ];

    /// Every slot, those that make and settle conflicts more often.
    pub fn weighted() -> Vec<Self> {
        let often = [
            Self::WorkOrderEdit,
            Self::WorkOrderAssign,
            Self::WorkOrderChangeStatus,
            Self::WorkOrderAnswer,
            Self::AssetEdit,
            Self::StoreroomEdit,
            Self::ConflictSettle,
        ];
        let often = often.iter().flat_map(|slot| std::iter::repeat_n(*slot, 4));
        Self::ALL.iter().copied().chain(often).collect()
    }
}

/// Somebody with a die in front of a device.
pub struct Draw<'r> {
    pub replica: &'r Replica,
    event: usize,
    ids: u8,
    dice: u64,
}

impl<'r> Draw<'r> {
    pub fn new(replica: &'r Replica, event: usize, dice: u64) -> Self {
        Self { replica, event, ids: 0, dice }
    }

    /// A number below `end` (SplitMix64).
    fn below(&mut self, end: usize) -> usize {
        self.dice = self.dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.dice ^ (self.dice >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let at = self.below(from.len());
        from.get(at).cloned()
    }

    fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        (self.below(3) > 0).then_some(value)
    }

    fn fresh(&mut self) -> [u8; 16] {
        self.ids += 1;
        let mut bytes = [0xA0; 16];
        bytes[4..8].copy_from_slice(&u32::try_from(self.event).unwrap().to_be_bytes());
        bytes[15] = self.ids;
        bytes
    }

    fn record(&mut self) -> RecordId {
        RecordId::from_bytes(self.fresh())
    }

    fn document(&mut self) -> DocumentId {
        DocumentId::from_bytes(self.fresh())
    }

    fn key(&mut self) -> String {
        self.ids += 1;
        format!("k{}-{}", self.event, self.ids)
    }

    /// A word out of few, so that people often write the same.
    fn word(&mut self) -> String {
        self.one_of(&["pump", "Pumpe", "valve", "motor 3", "naïve ☂"]).to_owned()
    }

    /// A key out of few.
    fn name(&mut self) -> String {
        self.one_of(&["red", "blue", "green"]).to_owned()
    }

    fn time(&mut self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + i64::try_from(self.below(3)).unwrap())
    }

    fn quantity(&mut self) -> Quantity {
        Quantity::from_thousandths(1 + i64::try_from(self.below(5_000)).unwrap())
    }

    fn person(&mut self) -> PersonId {
        PersonId::from_bytes([0xE0 + u8::try_from(self.below(3)).unwrap(); 16])
    }

    fn team(&mut self) -> TeamId {
        TeamId::from_bytes([0xF0 + u8::try_from(self.below(2)).unwrap(); 16])
    }

    fn ids_of(&self, kind: DocumentKind) -> Vec<DocumentId> {
        let of_kind = self.replica.aggregates.values().filter(|aggregate| aggregate.document.kind() == kind);
        of_kind.map(|aggregate| aggregate.id).collect()
    }

    /// A document that is here; the first ones most often, so that people meet.
    fn any(&mut self, kind: DocumentKind) -> Option<DocumentId> {
        let ids = self.ids_of(kind);
        if self.below(3) > 0 { ids.first().copied() } else { self.pick(&ids) }
    }

    fn view(&self, id: DocumentId) -> View {
        view(&self.replica.aggregates[&id])
    }
}
