//! Rows touched by recent events, cached in memory and written once per batch.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

use sqlx::{Encode, FromRow, PgConnection, Postgres, Type, postgres::PgRow};

use crate::{
    error::{Misfit, ProjectError, database},
    table::Table,
};

type Change<R> = Box<dyn FnOnce(&mut R) -> Result<(), Misfit> + Send>;

/// Rows by key. A change to a row that is not cached waits until the row is loaded; changes keep their order.
pub(crate) struct Rows<K, R> {
    table: &'static str,
    /// Rows touched lately. Once they weigh half the limit they become the old ones, and the old ones are dropped.
    young: HashMap<K, R>,
    old: HashMap<K, R>,
    weigh: fn(&R) -> usize,
    young_weight: usize,
    limit: usize,
    /// Ordered, so that neighbours in an index are written together.
    changed: BTreeSet<K>,
    waiting: HashMap<K, Vec<(u64, Change<R>)>>,
}

/// A row whose last commit matters to it.
pub(crate) trait Row {
    /// Completes a change made by the commit at `position`.
    fn changed_at(&mut self, position: i64);
}

impl<K: Clone + Ord + Hash + ToString, R> Rows<K, R> {
    /// An empty cache for `table` that keeps at most `limit` rows between batches.
    pub fn new(table: &'static str, limit: usize) -> Self {
        Self::weighed(table, limit, |_| 1)
    }

    /// An empty cache for rows of very different size: it keeps rows with a total weight of at most `limit`.
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

    /// Adds a row that an event creates.
    pub fn insert(&mut self, key: K, row: R) {
        self.changed.insert(key.clone());
        self.keep(key, row);
    }

    /// Forgets a row that was written.
    pub fn forget(&mut self, key: &K) {
        if let Some(row) = self.young.remove(key) {
            self.young_weight -= (self.weigh)(&row);
        }
        self.old.remove(key);
    }

    /// Changes a row because of the commit at `position`, now or once it is loaded.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Inapplicable`] if the change does not fit the row.
    pub fn try_change(
        &mut self,
        key: K,
        position: u64,
        change: impl FnOnce(&mut R) -> Result<(), Misfit> + Send + 'static,
    ) -> Result<(), ProjectError> {
        match self.cached(&key) {
            Some(row) => {
                change(row).map_err(|source| ProjectError::Inapplicable { position, source })?;
                self.changed.insert(key);
            }
            None => self.waiting.entry(key).or_default().push((position, Box::new(change))),
        }
        Ok(())
    }

    /// Changes a row and notes the position of the commit that did it.
    ///
    /// # Errors
    ///
    /// See [`Self::try_change`].
    pub fn change(
        &mut self,
        key: K,
        position: u64,
        change: impl FnOnce(&mut R) + Send + 'static,
    ) -> Result<(), ProjectError>
    where
        R: Row,
    {
        self.try_change(key, position, move |row| {
            change(row);
            row.changed_at(position.cast_signed());
            Ok(())
        })
    }

    /// Loads the rows that changes wait for, with a statement that takes an array of keys, and makes those changes.
    /// `parameter` converts a key for the statement; `key` returns the key of a row.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Database`]; [`ProjectError::Inapplicable`] if a row does not exist or a change does not fit it.
    pub async fn load<P>(
        &mut self,
        connection: &mut PgConnection,
        select: &'static str,
        parameter: fn(&K) -> P,
        key: fn(&R) -> K,
    ) -> Result<(), ProjectError>
    where
        Vec<P>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let keys: Vec<P> = self.waiting.keys().map(parameter).collect();
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

    /// Loads what is missing and writes what changed since the last batch. `parameter` and `key` are those of
    /// [`Self::load`].
    ///
    /// # Errors
    ///
    /// See [`Self::load`].
    pub async fn flush<P>(
        &mut self,
        connection: &mut PgConnection,
        parameter: fn(&K) -> P,
        key: fn(&R) -> K,
    ) -> Result<(), ProjectError>
    where
        Vec<P>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
        R: Table,
    {
        self.load(connection, &R::statements().select, parameter, key).await?;
        let rows: Vec<&R> = self.changed().into_iter().map(|(_, row)| row).collect();
        if !rows.is_empty() {
            R::upsert(connection, &rows).await?;
        }
        self.written();
        Ok(())
    }

    /// The rows that changed since the last batch; complete once the missing ones are loaded.
    pub fn changed(&self) -> Vec<(&K, &R)> {
        self.changed.iter().filter_map(|key| Some((key, self.young.get(key)?))).collect()
    }

    /// Calls `change` for each row that changed since the last batch.
    pub fn each_changed(&mut self, mut change: impl FnMut(&mut R)) {
        for key in &self.changed {
            self.young.get_mut(key).into_iter().for_each(&mut change);
        }
    }

    /// Ends a batch after all changes are written.
    pub fn written(&mut self) {
        self.changed.clear();
        if self.young_weight * 2 >= self.limit {
            self.old = std::mem::take(&mut self.young);
            self.young_weight = 0;
        }
    }

    /// The cached row of a key; an old one becomes young.
    fn cached(&mut self, key: &K) -> Option<&mut R> {
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
