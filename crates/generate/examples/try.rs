use std::time::Instant;
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let a: Vec<String> = std::env::args().collect();
    let image = std::path::Path::new("/tmp/gen.codeset");
    if !image.exists() {
        let built = compile::Sources::open("codesets")?.compile()?;
        compile::write_atomically(image, &built.image)?;
    }
    let codeset = codeset::Codeset::open(image)?;
    let t = Instant::now();
    let plan = cleanclaim_generate::Plan { lines: a[1].parse()?, seed: a[2].parse()?, error_rate: a[3].parse()?, uniform: a.get(4).is_some_and(|u| u == "u"), ..Default::default() };
    let g = cleanclaim_generate::Generator::new(&codeset, plan)?;
    println!("new {:?} {:?}", t.elapsed(), g.planted_edits().count());
    let t = Instant::now();
    let mut out = std::fs::File::create("/tmp/gen.csv")?;
    let mut planted = std::io::BufWriter::new(std::fs::File::create("/tmp/planted.csv")?);
    let made = g.write_csv(&mut out, Some(&mut planted))?;
    let s = t.elapsed().as_secs_f64();
    println!("{made:?} {s:.2}s {:.2} M lines/s {:.1} bytes/line", made.lines as f64 / s / 1e6, std::fs::metadata("/tmp/gen.csv")?.len() as f64 / made.lines as f64);
    Ok(())
}
