//! The rows of a table that recent events touched, in memory: changed there, and written once a batch.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

use sqlx::{Encode, FromRow, PgConnection, Postgres, Type, postgres::PgRow};

use crate::error::{Misfit, ProjectError, database};

type Change<R> = Box<dyn FnOnce(&mut R) -> Result<(), Misfit> + Send>;

/// Rows by key. A change to a row that is not at hand waits until the row is loaded, in order with those that follow.
pub(crate) struct Rows<K, R> {
    table: &'static str,
    /// Rows touched lately. Once they weigh half the limit they become the old ones, and the old ones are forgotten.
    young: HashMap<K, R>,
    old: HashMap<K, R>,
    weigh: fn(&R) -> usize,
    young_weight: usize,
    limit: usize,
    /// In order, so that neighbours in an index are written together.
    changed: BTreeSet<K>,
    waiting: HashMap<K, Vec<(u64, Change<R>)>>,
}

impl<K: Clone + Ord + Hash + ToString, R> Rows<K, R> {
    /// No rows yet of `table`, and at most `limit` between batches.
    pub fn new(table: &'static str, limit: usize) -> Self {
        Self::weighed(table, limit, |_| 1)
    }

    /// The same for rows of very different size: at most `limit` of what `weigh` says.
    pub fn weighed(table: &'static str, limit: usize, weigh: fn(&R) -> usize) -> Self {
        Self {
            table,
            young: HashMap::new(),
            old: HashMap::new(),
            weigh,
            young_weight: 0,
            limit,
            changed: BTreeSet::new(),
            waiting: HashMap::new(),
        }
    }

    /// Takes in a row that an event brings into being.
    pub fn insert(&mut self, key: K, row: R) {
        self.changed.insert(key.clone());
        self.keep(key, row);
    }

    /// Changes a row because of the commit at `position`, now or once it is loaded.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Inapplicable`] if the change does not fit the row.
    pub fn change(
        &mut self,
        key: K,
        position: u64,
        change: impl FnOnce(&mut R) -> Result<(), Misfit> + Send + 'static,
    ) -> Result<(), ProjectError> {
        match self.at_hand(&key) {
            Some(row) => {
                change(row).map_err(|source| ProjectError::Inapplicable { position, source })?;
                self.changed.insert(key);
            }
            None => self.waiting.entry(key).or_default().push((position, Box::new(change))),
        }
        Ok(())
    }

    /// Loads the rows that changes wait for, with a statement that takes an array of keys, and makes those changes. `given`
    /// is a key as the statement takes it, `key` the key of a row.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Database`]; [`ProjectError::Inapplicable`] if a change does not fit its row or the row is nowhere.
    pub async fn load<G>(
        &mut self,
        connection: &mut PgConnection,
        select: &'static str,
        given: fn(&K) -> G,
        key: fn(&R) -> K,
    ) -> Result<(), ProjectError>
    where
        Vec<G>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let keys: Vec<G> = self.waiting.keys().map(given).collect();
        let rows: Vec<R> = sqlx::query_as(select)
            .bind(keys)
            .fetch_all(connection)
            .await
            .map_err(database("loading rows"))?;
        for mut row in rows {
            let key = key(&row);
            for (position, change) in self.waiting.remove(&key).unwrap_or_default() {
                change(&mut row).map_err(|source| ProjectError::Inapplicable { position, source })?;
            }
            self.insert(key, row);
        }
        match self.waiting.iter().next() {
            None => Ok(()),
            Some((key, changes)) => {
                let position = changes.first().map_or(0, |(position, _)| *position);
                let source = Misfit::NoRow { table: self.table, key: key.to_string() };
                Err(ProjectError::Inapplicable { position, source })
            }
        }
    }

    /// The rows that changed since the last batch; complete once the missing ones are loaded.
    pub fn changed(&self) -> Vec<(&K, &R)> {
        self.changed.iter().filter_map(|key| Some((key, self.young.get(key)?))).collect()
    }

    /// The same, one by one, to be changed once more.
    pub fn each_changed(&mut self, mut change: impl FnMut(&mut R)) {
        for key in &self.changed {
            self.young.get_mut(key).into_iter().for_each(&mut change);
        }
    }

    /// Ends a batch: everything is written.
    pub fn written(&mut self) {
        self.changed.clear();
        if self.young_weight * 2 >= self.limit {
            self.old = std::mem::take(&mut self.young);
            self.young_weight = 0;
        }
    }

    /// The row of a key, made young.
    fn at_hand(&mut self, key: &K) -> Option<&mut R> {
        if !self.young.contains_key(key) {
            let row = self.old.remove(key)?;
            self.keep(key.clone(), row);
        }
        self.young.get_mut(key)
    }

    fn keep(&mut self, key: K, row: R) {
        self.young_weight += (self.weigh)(&row);
        self.young.insert(key, row);
    }
}

/// The values of one column, for a statement that takes all rows at once.
pub(crate) fn column<'a, K, R, T>(rows: &[(&'a K, &'a R)], value: impl Fn(&'a K, &'a R) -> T) -> Vec<T> {
    rows.iter().map(|(key, row)| value(key, row)).collect()
}
