//! What somebody did to one document of every kind, with every id and time fixed.

use std::collections::BTreeMap;

use shared_model::document::DocumentKind;
use shared_model::features::asset::{self, AssetStatus, Criticality, Meter, NewAsset};
use shared_model::features::checklist::{self, NewTemplate, NewVersion, Step, StepField};
use shared_model::features::cost::{self, CostEntry, CostKind, Price};
use shared_model::features::labour_entry::{self, LabourEntry};
use shared_model::features::location::{self, NewLocation};
use shared_model::features::meter_reading::{self, MeterReading};
use shared_model::features::part::{self, NewPart};
use shared_model::features::stock_movement::{self, Movement};
use shared_model::features::storeroom::{self, NewStoreroom, StockRule};
use shared_model::features::work_order::{
    self, AssetLink, AttachedChecklist, FieldEdit, NewWorkOrder, Origin, PartUsed, Priority, Status, WorkType,
};
use shared_model::features::{Command, comment};
use shared_model::identity::{ActorId, DocumentId, PersonId, RecordId, TeamId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Grants, Role};
use shared_model::units::{Currency, Money, Quantity};
use shared_model::workspace::{Aggregate, Author, Item, Workspace};

const ASSET: DocumentId = document(2);
const SITE: DocumentId = document(3);
const PART: DocumentId = document(4);
const STOREROOM: DocumentId = document(5);
const TEMPLATE: DocumentId = document(6);

const fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

const fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Commands about one document, and what they made.
pub struct Story {
    pub commands: Vec<Command>,
    pub aggregate: Aggregate,
    pub made: Vec<Item>,
}

impl Story {
    pub fn of(kind: DocumentKind) -> Self {
        let (id, commands) = match kind {
            DocumentKind::WorkOrder => work_order_story(),
            DocumentKind::Asset => asset_story(),
            DocumentKind::Location => location_story(),
            DocumentKind::Part => part_story(),
            DocumentKind::Storeroom => storeroom_story(),
            DocumentKind::ChecklistTemplate => checklist_story(),
        };
        Self::replay(id, &commands)
    }

    /// One person does all of it on one device, a minute apart.
    pub fn replay(id: DocumentId, commands: &[Command]) -> Self {
        let grants = Role::Admin.grants(GrantLimit::Organisation);
        let grants = Grants { person: PersonId::from_bytes([0x11; 16]), grants };
        let author = Author::Person { grants, actor: ActorId::from_bytes([0x22; 16]) };
        let mut aggregates: BTreeMap<DocumentId, Aggregate> = BTreeMap::new();
        let (mut made, mut now, mut next_record_seq) =
            (Vec::new(), Timestamp::from_millis(1_700_000_000_000), 1);
        for command in commands {
            let mut workspace =
                Workspace::new(author.clone(), now, next_record_seq, aggregates.values().cloned());
            command.execute(&mut workspace).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
            let outcome = workspace.finish();
            next_record_seq = outcome.next_record_seq;
            made.extend(outcome.items);
            aggregates.extend(outcome.aggregates);
            now = now.plus_millis(60_000);
        }
        let aggregate = aggregates.remove(&id).expect("the story is about this document");
        Self { commands: commands.to_vec(), aggregate, made }
    }
}

fn steps() -> Vec<Step> {
    let step = |key: &str, label: &str, field, required| Step {
        key: key.to_owned(),
        label: label.to_owned(),
        field,
        required,
        condition: None,
        follow_up: false,
        risk: None,
    };
    let range = StepField::Number {
        unit: "bar".to_owned(),
        min: Some(Quantity::ZERO),
        max: Some(Quantity::whole(6)),
    };
    vec![
        step("s0", "Seal is tight", StepField::PassFail, true),
        step("s1", "Pressure", range, false),
        step("s2", "Remarks", StepField::Text, false),
    ]
}

fn work_order_story() -> (DocumentId, Vec<Command>) {
    use work_order::Command as C;
    let id = document(1);
    let answer = |step: &str, answer: &str| C::Answer {
        id,
        checklist: "c0".to_owned(),
        step: step.to_owned(),
        answer: text(answer),
        remark: text("naïve ☂"),
        reading: None,
    };
    let status = |event, to, labour| C::ChangeStatus { id, event: record(event), to, reason: None, labour };
    let edits = vec![
        FieldEdit::Priority(Priority::Critical),
        FieldEdit::Description("Die Förderpumpe leckt am Wellendichtring.".into()),
        FieldEdit::RemoveTag("seal".to_owned()),
        FieldEdit::Custom("colour".to_owned(), text("red")),
        FieldEdit::Due(None),
        FieldEdit::Downtime(Some(Timestamp::from_millis(1_699_990_000_000)), None),
    ];
    let part = PartUsed {
        key: "p0".to_owned(),
        part: Some(PART),
        storeroom: None,
        movement: None,
        number: "P-1".to_owned(),
        name: "Shaft seal".to_owned(),
        quantity: Quantity::from_thousandths(1_500),
        unit: "pcs".to_owned(),
    };
    let hours = LabourEntry {
        person: PersonId::from_bytes([0x12; 16]),
        minutes: 90,
        started: None,
        note: text("welding"),
    };
    let cost = CostEntry {
        money: Money { minor: 12_345, currency: Currency::AUD },
        kind: CostKind::Service,
        note: text("crane"),
        external: text("PO-77"),
    };
    let kind = DocumentKind::WorkOrder;
    let commands: Vec<Command> = vec![
        C::Create(Box::new(new_work_order(id))).into(),
        C::Edit { id, edits }.into(),
        status(41, Status::InProgress, None).into(),
        C::StartTimer { id }.into(),
        answer("s0", "pass").into(),
        answer("s1", "2.5").into(),
        C::UsePart { id, part }.into(),
        labour_entry::Command::Add { id: record(42), work_order: id, entry: hours }.into(),
        comment::Command::Add { id: record(43), document: id, kind, text: "Öl ☂".to_owned() }.into(),
        cost::Command::Enter { id: record(44), document: id, kind, entry: cost }.into(),
        status(45, Status::Completed, Some(record(46))).into(),
    ];
    (id, commands)
}

fn new_work_order(id: DocumentId) -> NewWorkOrder {
    let list = AttachedChecklist {
        key: "c0".to_owned(),
        template: Some(TEMPLATE),
        version: 2,
        title: "Round".to_owned(),
        steps: steps(),
    };
    NewWorkOrder {
        id,
        title: "Pump leaks".to_owned(),
        description: "Die Pumpe leckt.".to_owned(),
        work_type: WorkType::Corrective,
        priority: Priority::High,
        origin: Origin::Request,
        external: text("EX-0815"),
        requester: Some(PersonId::from_bytes([0x13; 16])),
        site: Some(SITE),
        location: None,
        assets: vec![AssetLink { id: ASSET, tag: "P-101".to_owned(), name: "Feed pump".to_owned() }],
        people: vec![PersonId::from_bytes([0x12; 16])],
        teams: vec![TeamId::from_bytes([0x14; 16])],
        tags: vec!["leak".to_owned(), "seal".to_owned()],
        planned_start: Some(Timestamp::from_millis(1_700_100_000_000)),
        due: Some(Timestamp::from_millis(1_700_200_000_000)),
        estimated_minutes: Some(120),
        checklists: vec![list],
        assigned_event: Some(record(40)),
    }
}

fn asset_story() -> (DocumentId, Vec<Command>) {
    use asset::FieldEdit as E;
    let new = NewAsset {
        id: ASSET,
        tag: "P-101".to_owned(),
        name: "Feed pump".to_owned(),
        parent: None,
        site: Some(SITE),
        location: None,
        fields: vec![
            E::Description("Feeds the boiler.".into()),
            E::Criticality(Some(Criticality::A)),
            E::Serial(text("SN 0815")),
            E::Position(Some(asset::Position { latitude: -31_950_000, longitude: 115_860_000 })),
            E::Meter(Meter { key: "m0".to_owned(), name: "Running hours".to_owned(), unit: "h".to_owned() }),
            E::AddSpare(PART),
        ],
    };
    let reading = MeterReading {
        meter: "m0".to_owned(),
        value: Quantity::from_thousandths(1_234_500),
        unit: "h".to_owned(),
        work_order: Some(document(1)),
    };
    let moved =
        asset::Command::Move { id: ASSET, parent: Some(document(9)), site: Some(SITE), location: Some(SITE) };
    let commands = vec![
        asset::Command::Create(Box::new(new)).into(),
        asset::Command::Edit { id: ASSET, edits: vec![E::Status(AssetStatus::Down), E::Serial(None)] }.into(),
        moved.into(),
        meter_reading::Command::Add { id: record(50), asset: ASSET, reading }.into(),
    ];
    (ASSET, commands)
}

fn location_story() -> (DocumentId, Vec<Command>) {
    use location::FieldEdit as E;
    let fields = vec![E::TimeZone(text("Australia/Perth")), E::Code(text("M1"))];
    let new = NewLocation { id: SITE, name: "Mine".to_owned(), parent: None, site: None, fields };
    let commands = vec![
        location::Command::Create(Box::new(new)).into(),
        location::Command::Edit { id: SITE, edits: vec![E::Address(text("1 Pit Road"))] }.into(),
        location::Command::Move { id: SITE, parent: Some(document(9)), site: Some(document(9)) }.into(),
    ];
    (SITE, commands)
}

fn part_story() -> (DocumentId, Vec<Command>) {
    use part::FieldEdit as E;
    let fields = vec![E::Barcode(text("4006381333931")), E::Description("For the pump.".into())];
    let new = NewPart {
        id: PART,
        number: "P-1".to_owned(),
        name: "Seal".to_owned(),
        unit: "pcs".to_owned(),
        fields,
    };
    let price = Price {
        money: Money { minor: 4_950, currency: Currency::EUR },
        from: Timestamp::from_millis(1_700_000_000_000),
    };
    let commands = vec![
        part::Command::Create(Box::new(new)).into(),
        part::Command::Edit {
            id: PART,
            edits: vec![E::Name("Shaft seal".to_owned()), E::Category(text("Seals"))],
        }
        .into(),
        cost::Command::SetPrice { id: record(60), part: PART, price }.into(),
    ];
    (PART, commands)
}

fn storeroom_story() -> (DocumentId, Vec<Command>) {
    let fields = vec![storeroom::FieldEdit::Van(true), storeroom::FieldEdit::Code(text("V3"))];
    let name = "Van 3".to_owned();
    let new = NewStoreroom { id: STOREROOM, name, site: Some(SITE), location: None, fields };
    let rule = StockRule {
        part: PART,
        bin: text("A-3"),
        min: Some(Quantity::whole(2)),
        max: None,
        reorder_point: Some(Quantity::whole(4)),
    };
    let movement = |id, quantity| Movement {
        id: record(id),
        storeroom: STOREROOM,
        part: PART,
        quantity: Quantity::whole(quantity),
        work_order: None,
        note: None,
    };
    let count = stock_movement::Command::Count {
        id: record(72),
        storeroom: STOREROOM,
        part: PART,
        counted: Quantity::whole(7),
        saw: Some(Quantity::whole(6)),
        note: text("behind the seat"),
    };
    let commands = vec![
        storeroom::Command::Create(Box::new(new)).into(),
        storeroom::Command::Edit { id: STOREROOM, edits: vec![storeroom::FieldEdit::Rule(rule)] }.into(),
        stock_movement::Command::Receive(movement(70, 10)).into(),
        stock_movement::Command::Issue(movement(71, 4)).into(),
        count.into(),
    ];
    (STOREROOM, commands)
}

fn checklist_story() -> (DocumentId, Vec<Command>) {
    use checklist::Command as C;
    let version = |key: &str, count| NewVersion {
        key: key.to_owned(),
        steps: steps().into_iter().take(count).collect(),
    };
    let fields = vec![checklist::FieldEdit::Category(text("Rounds"))];
    let title = "Round".to_owned();
    let new = NewTemplate { id: TEMPLATE, title, fields, version: Some(version("v1", 1)), publish: true };
    let commands = vec![
        C::Create(Box::new(new)).into(),
        C::SaveVersion { id: TEMPLATE, version: version("v2", 3) }.into(),
        C::Publish { id: TEMPLATE, version: "v2".to_owned() }.into(),
    ];
    (TEMPLATE, commands)
}
