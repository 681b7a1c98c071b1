//! Tables whose columns are named only once: [`table!`] generates the row type, the `SELECT`, the writes and the binds.

use std::any::TypeId;

use sqlx::{
    FromRow, PgConnection, Postgres,
    postgres::{PgArguments, PgQueryResult, PgRow},
    query::Query,
};

use crate::{
    error::{ProjectError, database},
    positions::Positions,
    text::List,
    total::Total,
};

/// Effect of a write on a column of a row that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Identifies the row.
    Key,
    /// Stays as inserted.
    Fixed,
    /// Stays as inserted; rows are loaded by it instead of by their key.
    Lookup,
    /// Is replaced.
    Value,
    /// An update or upsert adds to it.
    Sum,
    /// An update sets it if the new value is true.
    Any,
}

/// Wire format of a column's values. Arrays are sent as text, because Postgres cannot unnest arrays of arrays row
/// by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// A [`List`].
    Texts,
    /// [`Positions`].
    Numbers,
    /// A [`Total`].
    Numeric,
}

/// One column of a table.
pub(crate) struct Column {
    name: &'static str,
    form: Form,
    kind: Kind,
}

impl Column {
    /// A column that holds values of type `T`.
    pub fn new<T: 'static>(name: &'static str, kind: Kind) -> Self {
        let form = if TypeId::of::<T>() == TypeId::of::<List>() {
            Form::Texts
        } else if TypeId::of::<T>() == TypeId::of::<Positions>() {
            Form::Numbers
        } else if TypeId::of::<T>() == TypeId::of::<Total>() {
            Form::Numeric
        } else {
            Form::Plain
        };
        Self { name, form, kind }
    }
}

/// The statements of one table. All rows of a batch are written in one statement, as one array per column.
pub(crate) struct Statements {
    /// Loads rows by an array of keys.
    pub select: String,
    insert: String,
    insert_new: String,
    upsert: String,
    update: String,
}

impl Statements {
    /// The statements of a table with these columns.
    pub fn new(table: &str, columns: &[Column]) -> Self {
        let names = listed(columns, |column| column.name.to_owned());
        let values = listed(columns, |Column { name, form, .. }| match form {
            Form::Plain => (*name).to_owned(),
            Form::Texts => format!(r"string_to_array({name}, E'\x1f')"),
            Form::Numbers => format!("{name}::bigint[]"),
            Form::Numeric => format!("{name}::numeric"),
        });
        // Their types are those of the bound values.
        let arrays: Vec<_> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        let rows = format!("UNNEST({}) AS new ({names})", arrays.join(", "));
        let insert = format!("INSERT INTO {table} ({names}) SELECT {values} FROM {rows}");

        let key = of_kind(columns, &[Kind::Key]);
        let keys = listed(key.iter().copied(), |column| column.name.to_owned());
        let conflict = format!("{insert} ON CONFLICT ({keys}) DO");
        let replaced = of_kind(columns, &[Kind::Value, Kind::Sum]);
        let replaced = listed(replaced, |Column { name, kind, .. }| match kind {
            Kind::Sum => format!("{name} = {table}.{name} + EXCLUDED.{name}"),
            Kind::Key | Kind::Fixed | Kind::Lookup | Kind::Value | Kind::Any => {
                format!("{name} = EXCLUDED.{name}")
            }
        });
        let changed = of_kind(columns, &[Kind::Value, Kind::Sum, Kind::Any]);
        let changed = listed(changed, |Column { name, kind, .. }| match kind {
            Kind::Sum => format!("{name} = {table}.{name} + new.{name}"),
            Kind::Any => format!("{name} = {table}.{name} OR new.{name}"),
            Kind::Key | Kind::Fixed | Kind::Lookup | Kind::Value => format!("{name} = new.{name}"),
        });
        let same: Vec<_> =
            key.iter().map(|Column { name, .. }| format!("{table}.{name} = new.{name}")).collect();
        let lookup = columns.iter().find(|column| column.kind == Kind::Lookup).or(key.first().copied());
        Self {
            select: format!(
                "SELECT {names} FROM {table} WHERE {} = ANY($1)",
                lookup.map_or_else(String::new, |column| column.name.to_owned())
            ),
            insert_new: format!("{conflict} NOTHING"),
            upsert: format!("{conflict} UPDATE SET {replaced}"),
            update: format!("UPDATE {table} SET {changed} FROM {rows} WHERE {}", same.join(" AND ")),
            insert,
        }
    }
}

fn of_kind<'a>(columns: &'a [Column], kinds: &[Kind]) -> Vec<&'a Column> {
    columns.iter().filter(|column| kinds.contains(&column.kind)).collect()
}

fn listed<'a>(
    columns: impl IntoIterator<Item = &'a Column>,
    text: impl FnMut(&'a Column) -> String,
) -> String {
    columns.into_iter().map(text).collect::<Vec<_>>().join(", ")
}

/// A row of a table made by [`table!`].
pub(crate) trait Table: Sized + for<'r> FromRow<'r, PgRow> + Send + Unpin {
    const NAME: &'static str;
    /// Reported if a write fails.
    const WRITING: &'static str;

    /// The statements, made on first use.
    fn statements() -> &'static Statements;

    /// Binds the values of the rows, one array per column.
    fn bind<'q>(query: Query<'q, Postgres, PgArguments>, rows: &[&Self]) -> Query<'q, Postgres, PgArguments>;

    /// Inserts rows; fails if one exists.
    async fn insert(connection: &mut PgConnection, rows: &[&Self]) -> Result<(), ProjectError> {
        write(connection, &Self::statements().insert, rows).await.map(drop)
    }

    /// Inserts rows and keeps those that exist as they are.
    async fn insert_new(connection: &mut PgConnection, rows: &[&Self]) -> Result<(), ProjectError> {
        write(connection, &Self::statements().insert_new, rows).await.map(drop)
    }

    /// Inserts rows; of those that exist, replaces the values and adds to the sums.
    async fn upsert(connection: &mut PgConnection, rows: &[&Self]) -> Result<(), ProjectError> {
        write(connection, &Self::statements().upsert, rows).await.map(drop)
    }

    /// Updates rows and returns how many of them exist.
    async fn update(connection: &mut PgConnection, rows: &[&Self]) -> Result<u64, ProjectError> {
        write(connection, &Self::statements().update, rows).await.map(|done| done.rows_affected())
    }
}

async fn write<T: Table>(
    connection: &mut PgConnection,
    statement: &'static str,
    rows: &[&T],
) -> Result<PgQueryResult, ProjectError> {
    T::bind(sqlx::query(statement), rows).execute(connection).await.map_err(database(T::WRITING))
}

/// Declares the row type of a table. `as key`, `as fixed`, `as lookup`, `as sum` and `as any` after a column stand for a
/// [`Kind`] other than [`Kind::Value`].
macro_rules! table {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $Row:ident in $table:ident {
            $($(#[$doc:meta])* $name:ident: $Type:ty $(as $kind:ident)?,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(sqlx::FromRow)]
        $visibility struct $Row {
            $($(#[$doc])* pub $name: $Type,)+
        }

        impl $crate::table::Table for $Row {
            const NAME: &'static str = stringify!($table);
            const WRITING: &'static str = concat!("writing ", stringify!($table));

            fn statements() -> &'static $crate::table::Statements {
                static STATEMENTS: std::sync::LazyLock<$crate::table::Statements> =
                    std::sync::LazyLock::new(|| {
                        let columns = [$($crate::table::Column::new::<$Type>(
                            stringify!($name),
                            $crate::table::kind!($($kind)?),
                        )),+];
                        $crate::table::Statements::new(stringify!($table), &columns)
                    });
                &STATEMENTS
            }

            fn bind<'q>(
                query: sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>,
                rows: &[&Self],
            ) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
                query$(.bind(rows.iter().map(|row| &row.$name).collect::<Vec<_>>()))+
            }
        }
    };
}

macro_rules! kind {
    () => {
        $crate::table::Kind::Value
    };
    (key) => {
        $crate::table::Kind::Key
    };
    (fixed) => {
        $crate::table::Kind::Fixed
    };
    (lookup) => {
        $crate::table::Kind::Lookup
    };
    (sum) => {
        $crate::table::Kind::Sum
    };
    (any) => {
        $crate::table::Kind::Any
    };
}

pub(crate) use {kind, table};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_the_columns_of_their_table() {
        let columns = [
            Column::new::<uuid::Uuid>("id", Kind::Key),
            Column::new::<List>("genres", Kind::Value),
            Column::new::<i64>("created", Kind::Fixed),
            Column::new::<i32>("total", Kind::Sum),
            Column::new::<Positions>("positions", Kind::Fixed),
        ];
        let Statements { select, insert, insert_new, upsert, update } = Statements::new("shows", &columns);
        let rows = "UNNEST($1, $2, $3, $4, $5) AS new (id, genres, created, total, positions)";
        assert_eq!(select, "SELECT id, genres, created, total, positions FROM shows WHERE id = ANY($1)");
        assert_eq!(
            insert,
            format!(
                r"INSERT INTO shows (id, genres, created, total, positions) SELECT id, string_to_array(genres, E'\x1f'), created, total, positions::bigint[] FROM {rows}"
            )
        );
        assert_eq!(insert_new, format!("{insert} ON CONFLICT (id) DO NOTHING"));
        assert_eq!(
            upsert,
            format!(
                "{insert} ON CONFLICT (id) DO UPDATE SET genres = EXCLUDED.genres, total = shows.total + EXCLUDED.total"
            )
        );
        assert_eq!(
            update,
            format!(
                "UPDATE shows SET genres = new.genres, total = shows.total + new.total FROM {rows} WHERE shows.id = new.id"
            )
        );
    }
}
