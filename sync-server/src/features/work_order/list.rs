//! Which work orders are wanted, and the SQL that comes to their ids, newest first, by an index whatever is asked.
//!
//! Row-level security lets a question come before its policy only if its answer can tell nothing: whether ids or texts
//! are equal or less, but neither whether arrays overlap nor whether words are in a text. So ids come from where they lie
//! in order – all of them, those of a status, those of a scope and a status – and a list of several is their merge:
//! the newest of each, then the newest of these.

use shared_model::features::work_order::Status;
use shared_model::identity::PersonId;
use shared_model::permission::Scope;
use uuid::Uuid;

/// Which work orders are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// Codes of statuses; `None`: all.
    pub(super) statuses: Option<Vec<String>>,
    /// A text-search query.
    pub(super) search: Option<String>,
    /// Assigned to this person.
    pub(super) person: Option<Uuid>,
    /// The scopes the caller may read; `None`: all.
    pub(super) scopes: Option<Vec<String>>,
    /// Older than this one.
    pub(super) after: Option<Uuid>,
    /// At most so many.
    pub(super) limit: i64,
}

/// Where ids lie in order.
///
/// In all statements `$1` is the organisation, `$2` the statuses, `$3` the scopes to look in, `$4` the person, `$5` the
/// caller's scopes, `$6` the id that all are older than, `$7` how many. Each is bounded by a limit of its own, so that
/// there is one plan, however much the planner knows: along the index, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Everything,
    Statuses,
    Scopes,
    /// In the scope of the person, who may have asked for the work as well as be assigned.
    Person,
}

impl Filter {
    fn source(&self) -> Source {
        match self {
            Self { person: Some(_), .. } => Source::Person,
            Self { scopes: Some(_), .. } => Source::Scopes,
            Self { statuses: Some(_), .. } => Source::Statuses,
            _ => Source::Everything,
        }
    }

    /// The statuses to look in, where they are part of the order.
    pub(super) fn each_status(&self) -> Vec<String> {
        let all = || Status::CODES.iter().map(|code| (*code).to_owned()).collect();
        self.statuses.clone().unwrap_or_else(all)
    }

    /// The scopes to look in.
    pub(super) fn each_scope(&self) -> Vec<String> {
        match self.person {
            Some(person) => vec![Scope::Person(PersonId::from_uuid(person)).to_string()],
            None => self.scopes.clone().unwrap_or_default(),
        }
    }

    /// What all are older than.
    pub(super) fn before(&self) -> Uuid {
        self.after.unwrap_or(Uuid::max())
    }

    fn longest_walk(&self) -> i64 {
        if self.source() == Source::Everything { LONGEST_WALK } else { LONGEST_WALK_FROM_A_LIST }
    }

    /// The `$7` newest ids.
    pub(super) fn newest(&self) -> &'static str {
        match self.source() {
            Source::Everything => {
                "select work_order_id from work_order
                 where organization_id = $1 and work_order_id < $6
                 order by work_order_id desc limit $7"
            }
            Source::Statuses => {
                "select distinct newest.work_order_id
                 from unnest($2) as wanted (status)
                 cross join lateral (
                     select work_order_id from work_order
                     where organization_id = $1 and status = wanted.status and work_order_id < $6
                     order by work_order_id desc limit $7) as newest
                 order by newest.work_order_id desc limit $7"
            }
            Source::Scopes => {
                "select distinct newest.work_order_id
                 from unnest($3) as held (scope) cross join unnest($2) as wanted (status)
                 cross join lateral (
                     select work_order_id from work_order_scope
                     where organization_id = $1 and scope = held.scope and status = wanted.status
                       and work_order_id < $6
                     order by work_order_id desc limit $7) as newest
                 order by newest.work_order_id desc limit $7"
            }
            Source::Person => {
                "select distinct newest.work_order_id
                 from unnest($3) as held (scope) cross join unnest($2) as wanted (status)
                 cross join lateral (
                     select listed.work_order_id from work_order_scope as listed
                     cross join lateral (
                         select people, scopes from work_order
                         where organization_id = $1 and work_order_id = listed.work_order_id limit 1) as assigned
                     where organization_id = $1 and scope = held.scope and status = wanted.status
                       and listed.work_order_id < $6
                       and $4 = any (assigned.people) and ($5 is null or assigned.scopes && $5)
                     order by listed.work_order_id desc limit $7) as newest
                 order by newest.work_order_id desc limit $7"
            }
        }
    }

    /// The same with the words of each, newest first.
    pub(super) fn newest_words(&self) -> String {
        if self.source() == Source::Everything {
            return "select work_order_id, words from work_order_words
                    where organization_id = $1 and work_order_id < $6
                    order by work_order_id desc limit $7"
                .to_owned();
        }
        format!(
            "select newest.work_order_id, held.words from ({}) as newest
             cross join lateral (
                 select words from work_order_words
                 where organization_id = $1 and work_order_id = newest.work_order_id limit 1) as held
             order by newest.work_order_id desc",
            self.newest()
        )
    }
}

/// The newest `$7` that the index of words finds by the query `$9` and that hold all of `$8`.
pub(super) const BY_WORDS: &str = "
    with asked as materialized (select to_tsquery('pg_catalog.simple', $8) as words)
    select found.work_order_id
    from (select matching.work_order_id from work_orders_matching($9) as matching (work_order_id)
          where matching.work_order_id < $6 order by matching.work_order_id desc) as found
    cross join asked
    cross join lateral (
        select words from work_order_words
        where organization_id = $1 and work_order_id = found.work_order_id limit 1) as held
    cross join lateral (
        select status, people, scopes from work_order
        where organization_id = $1 and work_order_id = found.work_order_id limit 1) as work_order
    where held.words @@ asked.words and work_order.status = any ($2)
      and ($4 is null or $4 = any (work_order.people)) and ($5 is null or work_order.scopes && $5)
    order by found.work_order_id desc limit $7";

/// How a search goes on from what the newest rows held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// Nothing more can come.
    Done,
    /// Through so many rows from the newest on: most likely the page is full before their end.
    Walk(i64),
    /// By the index of words, which has no order, with these.
    Index(String),
}

/// Rows that every search looks at first.
pub(super) const SAMPLE: i64 = 512;
/// Rows that are looked at, one after the other, rather than fetched by words: along the words themselves, or from where
/// ids are listed to the words of each.
const LONGEST_WALK: i64 = 30_000;
const LONGEST_WALK_FROM_A_LIST: i64 = 8_000;

/// What the newest rows held.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Sample {
    /// How many there were.
    pub(super) rows: i64,
    /// Those with all words.
    pub(super) matching: Vec<Uuid>,
    /// How many hold each word.
    pub(super) with_word: Vec<i64>,
}

impl Sample {
    /// The statement; the words follow all other parameters from `$9` on.
    pub(super) fn statement(filter: &Filter, words: usize) -> String {
        let numbered = |each: fn(usize) -> String| (1..=words).map(each).collect::<Vec<_>>().join(", ");
        format!(
            "with asked as materialized (select to_tsquery('pg_catalog.simple', $8) as words, {queries}),
             newest as materialized ({newest})
             select count(*) as rows,
                 coalesce(array_agg(work_order_id order by work_order_id desc)
                     filter (where newest.words @@ asked.words), '{{}}') as matching,
                 array[{counts}] as with_word
             from newest cross join asked",
            queries =
                numbered(|word| format!("to_tsquery('pg_catalog.simple', ${}) as word{word}", word + 8)),
            newest = filter.newest_words(),
            counts = numbered(|word| {
                // What is no word to the database is asked of nothing.
                format!("count(*) filter (where numnode(word{word}) = 0 or newest.words @@ word{word})")
            }),
        )
    }

    /// How to go on.
    pub(super) fn then(&self, filter: &Filter, words: &[&str]) -> Search {
        let matching = i64::try_from(self.matching.len()).unwrap_or(i64::MAX);
        if matching >= filter.limit || self.rows < SAMPLE {
            return Search::Done;
        }
        // Twice what it should take.
        let walk = filter.limit * SAMPLE * 2 / matching.max(1);
        if matching > 0 && walk <= filter.longest_walk() { Search::Walk(walk) } else { self.by_index(words) }
    }

    /// By the index, with the rare words.
    pub(super) fn by_index(&self, words: &[&str]) -> Search {
        // Of a word that many rows have, the index would bring all of them.
        let rarest = self.with_word.iter().min().copied().unwrap_or_default();
        let most = (rarest * 4).max(SAMPLE / 50);
        let rare = words.iter().zip(&self.with_word).filter(|(_, count)| **count <= most);
        Search::Index(rare.map(|(word, _)| *word).collect::<Vec<_>>().join(" & "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(matching: usize, with_word: &[i64]) -> Sample {
        Sample { rows: SAMPLE, matching: vec![Uuid::nil(); matching], with_word: with_word.to_vec() }
    }

    fn then(sample: &Sample, words: &[&str]) -> Search {
        sample.then(&Filter { limit: 50, ..Filter::default() }, words)
    }

    #[test]
    fn a_search_ends_when_the_page_is_full_or_nothing_is_left() {
        assert_eq!(then(&sample(50, &[50]), &["a"]), Search::Done);
        assert_eq!(then(&Sample { rows: SAMPLE - 1, ..sample(0, &[0]) }, &["a"]), Search::Done);
    }

    #[test]
    fn frequent_words_are_walked_for_and_rare_ones_looked_up() {
        assert_eq!(then(&sample(10, &[10]), &["a"]), Search::Walk(5_120));
        let filter = Filter { limit: 50, scopes: Some(Vec::new()), ..Filter::default() };
        let index = |words: &str| Search::Index(words.to_owned());
        assert_eq!(sample(4, &[4]).then(&filter, &["a"]), index("a"), "a walk along a list is shorter");
        assert_eq!(then(&sample(0, &[512, 0]), &["wo:*", "17:*"]), index("17:*"));
        assert_eq!(then(&sample(1, &[512, 100, 150]), &["wo:*", "x:*", "y:*"]), index("x:* & y:*"));
        assert_eq!(then(&sample(1, &[512, 400]), &["wo:*", "x:*"]), index("wo:* & x:*"));
    }
}
