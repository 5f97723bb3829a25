//! A value that changes outside of components, and the components that watch it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use yew::prelude::*;

/// A value with its watchers.
pub struct Watched<T> {
    value: RefCell<Rc<T>>,
    watchers: RefCell<BTreeMap<u32, Callback<()>>>,
    next: Cell<u32>,
}

impl<T: Default> Default for Watched<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Watched<T> {
    pub fn new(value: T) -> Self {
        Self { value: RefCell::new(Rc::new(value)), watchers: RefCell::default(), next: Cell::new(0) }
    }

    /// The value as it is now.
    pub fn get(&self) -> Rc<T> {
        self.value.borrow().clone()
    }

    /// Replaces the value and tells the watchers.
    pub fn set(&self, value: T) {
        *self.value.borrow_mut() = Rc::new(value);
        self.tell();
    }

    /// Changes the value; watchers hear of it with [`Watched::tell`].
    pub fn change(&self, change: impl FnOnce(&mut T))
    where
        T: Clone,
    {
        change(Rc::make_mut(&mut self.value.borrow_mut()));
    }

    /// Tells the watchers that the value changed.
    pub fn tell(&self) {
        // A watcher may stop watching while it hears of the change.
        let watchers: Vec<_> = self.watchers.borrow().values().cloned().collect();
        for watcher in watchers {
            watcher.emit(());
        }
    }

    fn watch(&self, watcher: Callback<()>) -> u32 {
        let number = self.next.get();
        self.next.set(number + 1);
        self.watchers.borrow_mut().insert(number, watcher);
        number
    }
}

/// The value, and a new frame whenever it changes.
#[hook]
pub fn use_watched<T: 'static>(watched: &Rc<Watched<T>>) -> Rc<T> {
    let redraw = use_force_update();
    let seen = watched.get();
    {
        let (watched, seen) = (watched.clone(), seen.clone());
        use_effect_with(Rc::as_ptr(&watched).cast::<()>(), move |_| {
            let again = redraw.clone();
            let number = watched.watch(Callback::from(move |()| again.force_update()));
            if !Rc::ptr_eq(&watched.get(), &seen) {
                redraw.force_update();
            }
            move || {
                watched.watchers.borrow_mut().remove(&number);
            }
        });
    }
    seen
}
