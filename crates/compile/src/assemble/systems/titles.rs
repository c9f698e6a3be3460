//! Which title a code has when several files give it one: that of the newest.

use super::super::Assembly;
use super::super::conflicts::Side;
use super::super::given::{Given, Source};
use codes::{Code, Date};
use codeset::SystemId;
use std::cmp::Reverse;

/// A title as one file gives it.
pub(crate) struct Title<'a> {
    pub(crate) code: Code,
    pub(crate) title: &'a str,
    /// The title is of a header, which only titles make known to the system.
    pub(crate) header: bool,
    pub(crate) line: u32,
}

/// The titles of one file.
pub(crate) struct Titles<'a> {
    /// The last and the first day of the release: how new it is.
    age: (Date, Date),
    release: u16,
    /// Of what length the titles are: the smaller the number, the better. Titles of other lengths are not compared.
    form: u8,
    titles: Vec<Title<'a>>,
}

impl<'a> Titles<'a> {
    /// Those of a file. Titles are of a release of their own, so that it does not count as coverage of the system.
    pub(crate) fn of(source: &Source<'_>, titles: Vec<Title<'a>>) -> Titles<'a> {
        let days = source.days;
        Titles { age: (days.to.unwrap_or(days.from), days.from), release: source.release, form: 0, titles }
    }

    /// The same, as titles of this length.
    pub(crate) fn in_form(self, form: u8) -> Titles<'a> {
        Titles { form, ..self }
    }
}

/// The part of releases that give titles to this system.
pub(crate) fn part(id: SystemId) -> &'static str {
    match id {
        SystemId::Diagnosis => "titles:icd10cm",
        SystemId::Procedure => "titles:procedures",
        SystemId::Modifier => "titles:modifiers",
        SystemId::PlaceOfService => "titles:pos",
        _ => "titles",
    }
}

/// Gives titles to the codes of a system. The newest file that names a code has its title; files of one day must agree.
/// Titles of the base are as new as the newest of its files.
pub(crate) fn give<'a>(
    id: SystemId,
    given: &Given<'_>,
    base: &'a [(Code, String)],
    mut files: Vec<Titles<'a>>,
    assembly: &mut Assembly,
) {
    let own = files.iter().map(|file| file.release).collect::<Vec<_>>();
    let of_base = given.base_releases(part(id)).filter(|(number, _)| !own.contains(number)).map(|(number, release)| {
        let days = release.covers();
        ((days.to.unwrap_or(days.from), days.from), number)
    });
    if let Some((age, release)) = of_base.max() {
        let titles = base.iter().map(|(code, title)| Title { code: *code, title, header: true, line: 0 }).collect();
        files.push(Titles { age, release, form: 0, titles });
    }
    files.sort_by_key(|file| (Reverse(file.age), file.form, file.release));
    let mut all: Vec<(Code, usize, &Title<'_>)> = Vec::new();
    for (place, file) in files.iter().enumerate() {
        all.extend(file.titles.iter().map(|title| (title.code, place, title)));
    }
    all.sort_by_key(|(code, place, title)| (*code, *place, title.line));
    let mut first: Option<(Code, usize, &Title<'_>)> = None;
    for (code, place, title) in all {
        match first {
            Some((known, taken, title_taken)) if known == code => {
                let same_day =
                    files.get(taken).zip(files.get(place)).filter(|(a, b)| (a.age, a.form) == (b.age, b.form));
                let clash = same_day.filter(|_| title.title != title_taken.title && title.line > 0);
                if let Some((a, b)) = clash.filter(|_| title_taken.line > 0) {
                    let side = |release: u16, title: &Title<'_>| Side {
                        release,
                        line: title.line,
                        says: format!("{:?}", title.title),
                    };
                    assembly.conflicts.push(part(id), code, side(a.release, title_taken), side(b.release, title));
                }
            }
            _ => {
                first = Some((code, place, title));
                let system = assembly.system(id);
                if title.header {
                    system.mention(code);
                }
                system.title(code, title.title);
            }
        }
    }
}
