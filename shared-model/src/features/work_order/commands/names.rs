//! What commands about work orders name beside the order itself.

use super::{AttachedChecklist, Command, FieldEdit, NewWorkOrder};
use crate::document::DocumentKind;
use crate::features::names::Names;

impl Command {
    /// What it names beside the documents it works on.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        match self {
            Self::Create(new) => created(new, names),
            Self::Edit { edits, .. } => edits.iter().for_each(|edit| edited(edit, names)),
            Self::Assign { add_people, add_teams, event, .. } => {
                names.state([*event]);
                names.people("add_people", add_people.iter().copied());
                names.teams("add_teams", add_teams.iter().copied());
            }
            Self::ChangeStatus { event, labour, .. } => names.state([*event].into_iter().chain(*labour)),
            Self::AttachChecklist { checklist, .. } => templates([checklist], names),
            Self::Answer { reading, .. } => {
                names.state(reading.iter().map(|place| place.id));
                names.refer("reading", DocumentKind::Asset, reading.iter().map(|place| place.asset));
            }
            Self::UsePart { part, .. } => {
                names.state(part.movement);
                names.refer("part", DocumentKind::Part, part.part);
                names.refer("storeroom", DocumentKind::Storeroom, part.storeroom);
            }
            Self::StopTimer { labour, .. } => names.state([*labour]),
            Self::CorrectStatus { event, .. } => names.state([*event]),
            Self::SettleNotice { record, .. } => names.state([*record]),
            // Only the server gives a correction, of its own making.
            Self::StartTimer { .. } | Self::Correct(_) => {}
        }
    }
}

fn created(new: &NewWorkOrder, names: &mut Names) {
    names.begin(new.id);
    names.state(new.assigned_event);
    names.people("requester", new.requester);
    names.place(new.site, new.location);
    names.refer("assets", DocumentKind::Asset, new.assets.iter().map(|asset| asset.id));
    names.people("people", new.people.iter().copied());
    names.teams("teams", new.teams.iter().copied());
    templates(&new.checklists, names);
}

fn templates<'a>(lists: impl IntoIterator<Item = &'a AttachedChecklist>, names: &mut Names) {
    let templates = lists.into_iter().filter_map(|list| list.template);
    names.refer("checklists", DocumentKind::ChecklistTemplate, templates);
}

fn edited(edit: &FieldEdit, names: &mut Names) {
    match edit {
        FieldEdit::Place(site, location) => names.place(*site, *location),
        FieldEdit::AddAsset(asset) => names.refer("assets", DocumentKind::Asset, [asset.id]),
        FieldEdit::Title(_)
        | FieldEdit::Description(_)
        | FieldEdit::Resolution(_)
        | FieldEdit::Type(_)
        | FieldEdit::Priority(_)
        | FieldEdit::PlannedStart(_)
        | FieldEdit::Due(_)
        | FieldEdit::EstimatedMinutes(_)
        | FieldEdit::RemoveAsset(_)
        | FieldEdit::AddTag(_)
        | FieldEdit::RemoveTag(_)
        | FieldEdit::Custom(..)
        | FieldEdit::Downtime(..)
        | FieldEdit::Failure(_) => {}
    }
}
