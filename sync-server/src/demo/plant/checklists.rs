//! The checklist templates.

use shared_model::features::Command;
use shared_model::features::checklist::{self, NewTemplate, NewVersion, Step, StepField};
use shared_model::features::work_order::AttachedChecklist;
use shared_model::instant::{DAY_MS, Timestamp};
use shared_model::units::Quantity;

use super::content::{CHECKLISTS, DemoStep};
use super::{Deed, Dice, Phase};

/// How many templates the demo has.
const TEMPLATES: usize = 40;
/// Every list comes once as it is and once for each of these occasions.
const OCCASIONS: [&str; 5] = ["", "weekly", "monthly", "quarterly", "yearly"];

/// A template as work orders attach it.
pub struct Template {
    pub list: AttachedChecklist,
}

/// The templates, published.
pub fn templates(now: Timestamp, dice: &mut Dice, deeds: &mut Vec<Deed>) -> Vec<Template> {
    let at = now.plus_millis(-390 * DAY_MS);
    let pairs = OCCASIONS.iter().flat_map(|occasion| CHECKLISTS.iter().map(move |list| (occasion, list)));
    let templates = pairs.take(TEMPLATES).map(|(occasion, list)| {
        let id = dice.document();
        let title =
            if occasion.is_empty() { list.title.to_owned() } else { format!("{}, {occasion}", list.title) };
        let steps: Vec<Step> =
            list.steps.iter().enumerate().map(|(index, step)| step_of(index, step)).collect();
        let new = NewTemplate {
            id,
            title: title.clone(),
            fields: vec![checklist::FieldEdit::Category(Some(list.category.to_owned()))],
            version: Some(NewVersion { key: "v1".to_owned(), steps: steps.clone() }),
            publish: true,
        };
        let deed = dice.server_deed(
            Phase::Plant,
            at,
            vec![Command::Checklist(checklist::Command::Create(Box::new(new)))],
        );
        deeds.push(deed);
        Template {
            list: AttachedChecklist { key: String::new(), template: Some(id), version: 1, title, steps },
        }
    });
    templates.collect()
}

fn step_of(index: usize, step: &DemoStep) -> Step {
    let (label, field, required) = match step {
        DemoStep::Section(label) => (*label, StepField::Section, false),
        DemoStep::Check(label) => (*label, StepField::Check, true),
        DemoStep::PassFail(label) => (*label, StepField::PassFail, true),
        DemoStep::Number(label, unit, min, max) => (*label, number(unit, *min, *max), true),
        DemoStep::Text(label) => (*label, StepField::Text, false),
        DemoStep::Choice(label, options) => {
            let options = options.iter().map(|option| (*option).to_owned()).collect();
            (*label, StepField::Choice { options, many: false }, false)
        }
        DemoStep::Meter(label, unit) => (*label, StepField::MeterReading { unit: (*unit).to_owned() }, false),
        DemoStep::DateTime(label) => (*label, StepField::DateTime, false),
    };
    let follow_up = matches!(field, StepField::PassFail);
    Step {
        key: format!("s{index}"),
        label: label.to_owned(),
        field,
        required,
        condition: None,
        follow_up,
        risk: None,
    }
}

fn number(unit: &str, min: i64, max: i64) -> StepField {
    StepField::Number {
        unit: unit.to_owned(),
        min: Some(Quantity::from_thousandths(min)),
        max: Some(Quantity::from_thousandths(max)),
    }
}
