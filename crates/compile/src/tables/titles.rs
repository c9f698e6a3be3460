//! Titles of codes. They say nothing of days.

use crate::error::CompileError;
use crate::rows::{Table, TitleRow};
use crate::tsv::{Form, Text};

pub(crate) fn read_diagnoses(text: Text<'_>, _release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["code", "title", "listed_as"])? {
        let [code, title, listed_as] = record?;
        let header = match listed_as.text {
            "header" => true,
            "billable" => false,
            _ => return Err(listed_as.wrong("billable or header", "correct the word")),
        };
        table.titles.push(TitleRow { code: code.code(Form::Diagnosis)?, title: title.name()?, header });
        table.read += 1;
    }
    Ok(table)
}

pub(crate) fn read_procedures(text: Text<'_>, _release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["code", "title"])? {
        let [code, title] = record?;
        table.titles.push(TitleRow { code: code.code(Form::Procedure)?, title: title.name()?, header: false });
        table.read += 1;
    }
    Ok(table)
}
