//! The registry of document kinds: exhaustive, so that the compiler lists what a new kind needs.

use serde::{Deserialize, Serialize};

use crate::document::FieldTable;
use crate::features::{asset, checklist, location, part, storeroom, work_order};
use crate::permission::Permission;

/// What a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A work order with its checklist executions.
    WorkOrder,
    /// An asset of the asset tree.
    Asset,
    /// A location of the location tree; a root location is a site.
    Location,
    /// A part of the catalogue.
    Part,
    /// A storeroom (also a van), with minimum and maximum per part.
    Storeroom,
    /// A versioned checklist template.
    ChecklistTemplate,
}

impl DocumentKind {
    /// Every kind there is.
    pub const ALL: &[Self] =
        &[Self::WorkOrder, Self::Asset, Self::Location, Self::Part, Self::Storeroom, Self::ChecklistTemplate];

    /// The stable code of this kind, in storage, on the wire and in scopes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WorkOrder => "work_order",
            Self::Asset => "asset",
            Self::Location => "location",
            Self::Part => "part",
            Self::Storeroom => "storeroom",
            Self::ChecklistTemplate => "checklist_template",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The paths, types and permissions of this kind's documents.
    pub const fn fields(self) -> &'static FieldTable {
        match self {
            Self::WorkOrder => work_order::FIELDS,
            Self::Asset => asset::FIELDS,
            Self::Location => location::FIELDS,
            Self::Part => part::FIELDS,
            Self::Storeroom => storeroom::FIELDS,
            Self::ChecklistTemplate => checklist::FIELDS,
        }
    }

    /// What it takes to read a document of this kind.
    pub const fn read_permission(self) -> Permission {
        match self {
            Self::WorkOrder => Permission::WorkOrderRead,
            Self::Asset => Permission::AssetRead,
            Self::Location => Permission::LocationRead,
            Self::Part | Self::Storeroom => Permission::PartRead,
            Self::ChecklistTemplate => Permission::ChecklistRead,
        }
    }

    /// What it takes to change the plain fields of a document of this kind.
    pub const fn edit_permission(self) -> Permission {
        match self {
            Self::WorkOrder => Permission::WorkOrderEdit,
            Self::Asset => Permission::AssetEdit,
            Self::Location => Permission::LocationEdit,
            Self::Part | Self::Storeroom => Permission::PartEdit,
            Self::ChecklistTemplate => Permission::ChecklistEdit,
        }
    }

    /// May a document of this kind be deleted although others name it? Those who show a reference write down what they
    /// need of it (a work order its checklists and the names of its assets) or live without; but what places, machines
    /// and stock are named by is a history that would lose its subject.
    pub const fn is_deletable_when_named(self) -> bool {
        match self {
            Self::WorkOrder | Self::ChecklistTemplate => true,
            Self::Asset | Self::Location | Self::Part | Self::Storeroom => false,
        }
    }

    /// The fields without which no document of this kind is begun, by the first key of their paths.
    pub const fn begins_with(self) -> &'static [&'static str] {
        match self {
            Self::WorkOrder => &["title", "type"],
            Self::Asset => &["tag", "name"],
            Self::Location | Self::Storeroom => &["name"],
            Self::Part => &["number", "name", "unit"],
            Self::ChecklistTemplate => &["title"],
        }
    }

    /// What it takes to create a document of this kind.
    pub const fn create_permission(self) -> Permission {
        match self {
            Self::WorkOrder => Permission::WorkOrderCreate,
            Self::Asset => Permission::AssetEdit,
            Self::Location => Permission::LocationEdit,
            Self::Part | Self::Storeroom => Permission::PartEdit,
            Self::ChecklistTemplate => Permission::ChecklistEdit,
        }
    }
}

impl<C> minicbor::Encode<C> for DocumentKind {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(self.code())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for DocumentKind {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::from_code(d.str()?).ok_or_else(|| minicbor::decode::Error::message("unknown document kind"))
    }
}
