//! Commands that a form gives: it stays open with what was typed until all of them are on disk.

use std::cell::Cell;
use std::rc::Rc;

use shared_model::features::Command;
use yew::prelude::*;

use super::{Engine, use_engine};

/// Gives the commands of a form, one attempt at a time: who taps twice gives them once.
#[derive(Clone)]
pub struct Attempt {
    engine: Engine,
    under_way: Rc<Cell<bool>>,
}

impl Attempt {
    /// Gives the commands one after the other; `saved` hears when the last one is on disk. After a refusal nothing
    /// more is given.
    pub fn run(&self, commands: Vec<Command>, saved: Callback<()>) {
        if !self.under_way.replace(true) {
            self.step(commands.into_iter(), saved);
        }
    }

    fn step(&self, mut commands: std::vec::IntoIter<Command>, saved: Callback<()>) {
        let Some(command) = commands.next() else {
            self.under_way.set(false);
            return saved.emit(());
        };
        let (attempt, rest) = (self.clone(), Cell::new(Some((commands, saved))));
        let ended = Callback::from(move |is_saved: bool| match rest.take() {
            Some((commands, saved)) if is_saved => attempt.step(commands, saved),
            _ => attempt.under_way.set(false),
        });
        self.engine.attempt(command, ended);
    }
}

/// The attempts of a form.
#[hook]
pub fn use_attempt() -> Attempt {
    let engine = use_engine();
    let under_way = use_memo((), |()| Cell::new(false));
    Attempt { engine, under_way }
}
