using System.Globalization;
using System.Text;

namespace Eclusier.Bench;

/// <summary>The findings as a table, and as the page that says how they came about.</summary>
internal static class Report
{
    public static string PagePath => Path.Combine(SourceTree.Root, "docs", "benchmarks.md");

    public static string LibrariesPath => Path.Combine(SourceTree.Root, "docs", "libraries.md");

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
            writer.WriteLine($"where eclusier's time goes, {race.What} (ms): {string.Join(", ", race.Steps.Select(step => $"{step.Step} {step.Milliseconds}"))}{(race.FromCommand is null ? "" : $"; from the command to the answer {race.FromCommand}")}");
        }

        if (findings.PollThreads.Count > 0)
        {
            writer.WriteLine();
            writer.WriteLine($"where a poll's CPU goes, by thread (ms): {string.Join(", ", findings.PollThreads.Select(thread => $"{thread.Name} {thread.Milliseconds:0.00}"))}");
        }
    }

    /// <summary>What each library costs, and the rest in one line.</summary>
    public static string LibrariesPage(IReadOnlyList<LibraryCost> costs, Memory memory, TimeSpan idle, string version)
    {
        const double Told = 32; // KiB
        static string[] Row(string name, double file, double filled, double resident) => [name, $"{file:0}", $"{filled:0}", $"{resident:0}"];
        var (large, small) = (costs.Where(cost => cost.InFile + cost.Filled >= Told).ToList(), costs.Where(cost => cost.InFile + cost.Filled < Told).ToList());
        List<string[]> rows =
        [
            .. large.Select(cost => Row(cost.Library, cost.InFile, cost.Filled, cost.Resident)),
            Row($"{small.Count} others, each less than {Told:0}", small.Sum(cost => cost.InFile), small.Sum(cost => cost.Filled), small.Sum(cost => cost.Resident)),
            Row("**together**", costs.Sum(cost => cost.InFile), costs.Sum(cost => cost.Filled), costs.Sum(cost => cost.Resident)),
        ];
        return string.Create(CultureInfo.InvariantCulture, $"""
            # What each library costs

            <!-- written by ./bench libraries: run it again instead of editing this page -->

            {DateTimeOffset.UtcNow:yyyy-MM-dd}, Eclusier {version}. KiB of the program alone: its heap, SQLite's and OpenSSL's libraries come on top ([memory](memory.md)).

            {Table(["library", "in the file", "filled at the start", "resident, idle"], rows)}

            - *In the file*: code and tables, by the program's symbols. A generic type of the runtime that is made for a library's own type counts for
              the library. What only the compiler can tell apart is in brackets.
            - *Filled at the start*: type tables that are kept packed in the file, and unpacked into memory before the program's first line. All of it is private.
            - *Resident, idle*: the pages of both that the daemon has in memory with one stack after {idle.TotalSeconds:0} s in which it only polled (`/proc/PID/pagemap`). The whole process then has
              {memory.Resident:0.0} MiB, of it {memory.Dirty:0.0} private.

            """);
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
        if (findings.NotMeasured.Count + findings.Left.Count > 0)
        {
            page.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"**Not measured in this run**: {string.Join("; ", [.. findings.NotMeasured.Select(trouble => trouble.Split(':')[0]), .. findings.Left])}.");
        }

        foreach (var race in findings.Races)
        {
            page.Append(CultureInfo.InvariantCulture, $"""

                ## Where the time goes: {race.What}

                {Table(["step", "ms"], race.Steps.Select(step => (string[])[step.Step, step.Milliseconds.ToString()]))}

                {(race.FromCommand is { } fromCommand
                    ? $"From the start of `eclusier deploy`, so with the command's own start and the question to the git server (*detect*), to the first answer:\n{fromCommand} ms."
                    : "*Until it begins* is the time from the end of the push to the deployment's begin in the journal: until the agent looks, and the question to the git server.")}
                Each step's duration is the agent's own, from `eclusier history --output json`; the new version may answer before `apply` is over.

                """);
        }

        if (findings.PollThreads.Count > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"""

                ## Where a poll's CPU time goes

                {Table(["thread of the daemon", "ms a poll"], findings.PollThreads.Where(thread => thread.Milliseconds >= 0.005).Select(thread => (string[])[$"`{thread.Name}`", $"{thread.Milliseconds:0.00}"]))}

                [What a poll costs](polls.md) has a profile by parts.

                """);
        }

        page.Append(CultureInfo.InvariantCulture, $"""

            ## How it was measured

            - Date: {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC. Eclusier {machine.Program}, Docker Engine {machine.Engine}, Docker Compose {machine.Compose}, git {machine.Git}.
            - Machine: {machine.Processor}, {machine.Memory}, {machine.System}. Load over 1, 5 and 15 minutes: {loadBefore} at the beginning, {loadAfter} at the end.
            - The published binary, a real git server over HTTP, a real registry and the machine's Docker Engine, all on the loopback. The application has
              two services: `web`, which gets a new image with each version, and `worker`, which stays.
            - **New version answers.** {options.Pairs} pairs per size after one that does not count. In each pair Eclusier and `docker compose pull && docker compose up -d`
              deploy the same change to projects of their own, one after the other; who begins changes. Where nothing else is said, commit and image were pushed
              a second before the clock starts: the clock of the bare commands starts with `docker compose pull`; Eclusier's with the deployment's begin in its
              journal, which is when it knows of the commit (detection apart, which is the interval or a webhook). Both end with the first answer of the new version.
            - **From push by webhook.** As many pairs, against the same bare commands. The image is there; the clock starts when `git push` has ended, then a signed
              webhook is sent. The stack is at rest before (a second webhook within 5 s would wait).
            - **The shell loop** is `benchmarks/baseline/gitops-loop.sh`, which does what [KoproGo](fr/koprogo.md)'s page documents for theirs: `git fetch`, `HEAD` against
              `origin/main`, `git pull`, `docker compose pull`, `up -d --pull always`, a health check by `curl`, and after 10 failures `git reset --hard HEAD^` and
              `up -d --force-recreate`. Its commits name the image's tag in `.env`: with `:latest`, as on that page, going back starts the same image again (not measured).
              Intervals and health times are the same for both, and shorter than on the page.
            - **From push by a poll.** {options.SlowPairs} pairs after one that does not count, against the shell loop; both look each {PushMeasurement.IntervalSeconds} s. The pushes are spread evenly over the interval, alike for both.
            - **A version that does not work.** {options.Failures} pushes of each sort to both, which look each second. Both ask for `/health` each second, up to {BadPushMeasurement.HealthSeconds} s (the page: 10 times, each
              10 s). From the end of the push to the first answer of the version before, out of a new container of the same image. The agent then leaves the
              commit alone; the loop would deploy it again at its next look, and is stopped.
            - **`kill -9`.** The daemon, or the loop, and all that it had started are killed together and started again at once; the moment is seen from outside, by the engine's events
              and the bytes that the registry has sent (8 of 32 MiB). From the kill to the first answer of the version that is to answer. The agent {options.Kills} times at each point; the loop
              once, with {KillMeasurement.Within.TotalSeconds:0} s in which it looks each second and finds its clone up to date.
            - **Time without service.** From the last answer of the old version to the first of the new one, asked for every 5 ms over new connections.
            - **Memory.** `/proc/PID/smaps_rollup` of the daemon with one stack after {options.Idle.TotalSeconds:0} s without anything but polls each 15 s: `Rss`; *private*,
              which the target means, is `Private_Dirty`: what exists only for this process. *With the clean pages* adds `Private_Clean`, pages of the program's
              own file: the kernel can drop and read them again, and they count as shared as soon as a second process runs the same program.
              The daemon gives back what it does not need 45 s after the last deployment ([memory](memory.md)). *With polls each second* is a stack with one small
              service, deployed {options.Course} times; before the first and the last look it idles for {options.Idle.TotalSeconds:0} s.
            - **Polls.** CPU time of the daemon and of all that it started (`/proc/PID/stat`: utime, stime, cutime, cstime) over {options.Polling.TotalSeconds:0} s of polls each second,
              against the shell loop. Processes were counted with strace in a few more polls; requests and bytes, both ways, by a relay before the git server.
              The daemon's threads tell their times in `/proc/PID/task/*/schedstat`; that of the children is not in it.
            - **Dashboard.** {options.Pages} loads of each page over a kept connection, after one that does not count, by a client that signed in with a token; the engine
              is asked for the containers each time. *Open* is an event stream each and the page again every 10 s.
            - **Start.** {options.Starts} runs after one that does not count.
            - **A look at the images.** A relay before the registry counts over {options.Polling.TotalSeconds:0} s of looks each second at tags that do not move, four services with two images;
              against `docker compose pull` of the same, {options.Starts} times, when everything is here already.
            - **`docker rm -f`.** {options.SlowPairs} pairs after one that does not count. The clock starts before the command and ends with the first answer. The agent gets to know by the engine's event;
              2 s of its time are the second look, which tells drift from a restart that somebody is making by hand. The other side is a person who
              types `docker compose up -d` the moment the container is gone.
            - **One changed file.** A commit that changes a file which two of five services mount; `docker compose up -d` alone would recreate none of them and leave both with
              the old file.
            - **Webhook.** From sending a signed webhook over TCP to the journal's line *Checking for updates*, {options.Webhooks} times over {WebhookDelay.Stacks} stacks in turn, each at rest.
            - **Libraries** have a [page of their own](libraries.md).
            - **Many stacks.** 1,000 stacks over 200 repositories; all is real but the engine, which runs nothing. [Many stacks](scale.md#how-it-was-measured) says how.

            `./bench` measures all of this and writes both pages; `./bench --quick` shows in some minutes that it works, and writes nothing.

            """);
        return page.ToString();
    }

    private static readonly string[] Header = ["what", "Eclusier", "compared with", "ratio", "target", ""];

    private static string[] Cells(Finding finding) => [finding.What, finding.Eclusier, finding.Against, finding.Number, finding.TargetText, finding.Verdict];

    private static string Table(string[] header, IEnumerable<string[]> rows) =>
        string.Join('\n', new[] { header, [.. header.Select(_ => "---")] }.Concat(rows).Select(cells => $"| {string.Join(" | ", cells)} |"));
}
