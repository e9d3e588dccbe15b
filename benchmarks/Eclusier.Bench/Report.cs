using System.Globalization;
using System.Text;

namespace Eclusier.Bench;

/// <summary>The findings as a table, and as the page that says how they came about.</summary>
internal static class Report
{
    public static string PagePath
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Eclusier.slnx")))
                {
                    return Path.Combine(folder.FullName, "docs", "benchmarks.md");
                }
            }

            throw new InvalidOperationException("this program lies outside of its repository: there is no page to write");
        }
    }

    public static void WriteTable(Findings findings, TextWriter writer)
    {
        List<string[]> lines = [Header, .. findings.Rows.Select(Cells)];
        var widths = Enumerable.Range(0, Header.Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            writer.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        foreach (var race in findings.Races)
        {
            writer.WriteLine();
            writer.WriteLine($"where eclusier's time goes, {race.Size} (ms): {string.Join(", ", race.Steps.Select(step => $"{step.Step} {step.Milliseconds}"))}; from the command to the answer {race.FromCommand}");
        }
    }

    public static string Page(Findings findings, Options options, Machine machine, string loadBefore, string loadAfter)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Benchmarks

            <!-- written by ./bench: run it again instead of editing this page -->

            **Read the ratios, not the milliseconds.** These numbers come from a small and noisy machine with {Environment.ProcessorCount} cores, which runs the agent,
            the application, the Docker Engine, the git server, the registry and the measuring program itself. Both sides of a ratio were
            measured in the same run, in turn, so the noise meets both; a duration on its own says little about another machine.

            {Table(Header, findings.Rows.Select(Cells))}

            Medians, with the lowest and the highest in brackets. *MISSED* is a finding, not an error: the run goes on.

            """);
        foreach (var race in findings.Races)
        {
            page.Append(CultureInfo.InvariantCulture, $"""

                ## Where the time goes: {race.Size}

                {Table(["step", "ms"], race.Steps.Select(step => (string[])[step.Step, step.Milliseconds.ToString()]))}

                From the start of `eclusier deploy`, so with the command's own start and the question to the git server (*detect*), to the first answer:
                {race.FromCommand} ms. Each step's duration is the agent's own, from `eclusier history --output json`; the new version may answer
                before `apply` is over.

                """);
        }

        page.Append(CultureInfo.InvariantCulture, $"""

            ## How it was measured

            - Date: {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC. Eclusier {machine.Program}, Docker Engine {machine.Engine}, Docker Compose {machine.Compose}, git {machine.Git}.
            - Machine: {machine.Processor}, {machine.Memory}, {machine.System}. Load over 1, 5 and 15 minutes: {loadBefore} at the beginning, {loadAfter} at the end.
            - The published binary, a real git server over HTTP, a real registry and the machine's Docker Engine, all on the loopback. The application has
              two services: `web`, which gets a new image with each version, and `worker`, which stays.
            - **New version answers.** {options.Pairs} pairs per size after one that does not count. In each pair Eclusier and `docker compose pull && docker compose up -d`
              deploy the same change to projects of their own, one after the other; who begins changes. Commit and image were pushed a second
              before the clock starts. The clock of the bare commands starts with `docker compose pull`; Eclusier's with the deployment's begin in its
              journal, which is when it knows of the commit (detection apart, which is the interval or a webhook). Both end with the first answer of the new version.
            - **Time without service.** From the last answer of the old version to the first of the new one, asked for every 5 ms over new connections.
            - **Memory.** `/proc/PID/smaps_rollup` of the daemon with one stack after {options.Idle.TotalSeconds:0} s without anything but polls each 15 s: `Rss`; *private*,
              which the target means, is `Private_Dirty`: what exists only for this process. *With the clean pages* adds `Private_Clean`, pages of the program's
              own file: the kernel can drop and read them again, and they count as shared as soon as a second process runs the same program.
            - **Polls.** CPU time of the daemon and of all that it started (`/proc/PID/stat`: utime, stime, cutime, cstime) over {options.Polling.TotalSeconds:0} s of polls each second,
              against a shell loop: `git fetch origin main`, `git rev-parse HEAD`, `git rev-parse origin/main`, `sleep 1`. Processes were counted with strace in
              a few more polls.
            - **Dashboard.** {options.Pages} loads of each page over a kept connection, after one that does not count, by a client that signed in with a token; the engine
              is asked for the containers each time. *Open* is an event stream each and the page again every 10 s.
            - **Start.** {options.Starts} runs after one that does not count.
            - **A look at the images.** A relay before the registry counts over {options.Polling.TotalSeconds:0} s of looks each second at tags that do not move, four services with two images;
              against `docker compose pull` of the same, {options.Starts} times, when everything is here already.
            - **`docker rm -f`.** {options.Pairs} pairs after one that does not count. The clock starts before the command and ends with the first answer. The agent gets to know by the engine's event;
              2 s of its time are the second look, which tells drift from a restart that somebody is making by hand. The other side is a person who
              types `docker compose up -d` the moment the container is gone.
            - **One changed file.** A commit that changes a file which two of five services mount; `docker compose up -d` alone would recreate none of them and leave both with
              the old file.
            - **Webhook.** From sending a signed webhook over TCP to the journal's line *Checking for updates*, {options.Webhooks} times over {WebhookDelay.Stacks} stacks in turn, each at rest.
            - **Many stacks.** 1,000 stacks over 200 repositories; all is real but the engine, which runs nothing. [Many stacks](scale.md#how-it-was-measured) says how.

            `./bench` measures all of this and writes this page; `./bench --quick` shows in a minute or two that it works, and writes nothing.

            """);
        return page.ToString();
    }

    private static readonly string[] Header = ["what", "Eclusier", "compared with", "ratio", "target", ""];

    private static string[] Cells(Finding finding) => [finding.What, finding.Eclusier, finding.Against, finding.Number, finding.TargetText, finding.Verdict];

    private static string Table(string[] header, IEnumerable<string[]> rows) =>
        string.Join('\n', new[] { header, [.. header.Select(_ => "---")] }.Concat(rows).Select(cells => $"| {string.Join(" | ", cells)} |"));
}
