using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Acceptance.Sweep;

/// <summary>What must hold at rest, wherever the agent was killed.</summary>
internal static partial class Invariants
{
    private static readonly string[] Services = ["web", "worker"];
    private static readonly string[] Ends = ["committed", "rolled-back", "failed", "rollback-failed", "rejected", "expired"];

    /// <returns>What does not hold, a sentence each.</returns>
    public static async Task<IReadOnlyList<string>> FindViolationsAsync(SweptStack swept, Attempt attempt, HistoryView history)
    {
        var (host, stack) = (swept.Host, swept.Shop.Stack);
        var status = await swept.Shop.StatusAsync();
        var containers = await swept.Shop.ContainersAsync();
        var good = history.Releases.SingleOrDefault(release => release.IsLastKnownGood);
        return [
            .. WhatRuns(host, stack, status, containers, good),
            .. await AnswersAsync(swept, containers),
            .. LastKnownGood(history, good),
            .. Deployments(history, attempt),
            .. Quarantine(history),
            .. Notifications(host, history),
            .. Folders(host, stack, attempt, good),
            .. Leftovers(stack, containers),
            .. WorkTree(host, stack, good),
            .. Expected(attempt, history, status, good),
        ];
    }

    /// <summary>Each release folder's content as one hash.</summary>
    public static IReadOnlyDictionary<string, string> HashReleaseFolders(EclusierHost host, string stack)
    {
        var releases = ReleasesOf(host, stack);
        return !Directory.Exists(releases) ? new Dictionary<string, string>() : Directory.EnumerateDirectories(releases).ToDictionary(folder => Path.GetFileName(folder), folder =>
            string.Join(' ', Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(file => $"{Path.GetRelativePath(folder, file)}={Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}")));
    }

    private static string ReleasesOf(EclusierHost host, string stack) => Path.Combine(host.StateDirectory, "stacks", stack, "releases");

    /// <summary>Every service runs the digests of the last known good release: none of these scenarios has a reason for another end.</summary>
    private static IEnumerable<string> WhatRuns(EclusierHost host, string stack, StatusView status, IReadOnlyList<LabContainer> containers, ReleaseView? good)
    {
        if (good is null)
        {
            yield return $"no release is last known good; status: {status}";
            yield break;
        }

        if (status.State is not ("healthy" or "rolled-back" or "behind"))
        {
            yield return $"the status is not at rest: {status}";
        }

        var release = JsonNode.Parse(File.ReadAllText(Path.Combine(ReleasesOf(host, stack), good.Id, "release.json")))!;
        var model = JsonNode.Parse(File.ReadAllText(Path.Combine(ReleasesOf(host, stack), good.Id, "compose.json")))!;
        var wanted = (release["services"] ?? release["release"]!["services"])!.AsArray() // by name as the model has it: what ran before Eclusier keeps its spelling
            .ToDictionary(service => (string)service!["name"]!, service => ((string)model["services"]![(string)service!["name"]!]!["image"]!, (string)service["imageId"]!));
        foreach (var service in Services)
        {
            var mine = containers.Where(container => container.Service == service).ToList();
            if (mine.Count != 1 || mine[0].State != "running")
            {
                yield return $"{service} is not one running container: {string.Join(", ", mine)}";
            }
            else if ((mine[0].Image, mine[0].ImageId) != wanted[service])
            {
                yield return $"{service} runs {mine[0].Image} and not {wanted[service].Item1} of release #{good.Number}";
            }
        }

        var runs = containers.Select(container => container.Labels["run"]).Distinct().ToList();
        if (runs.Count != 1)
        {
            yield return $"the services are of different commits: runs {string.Join(" and ", runs)}";
        }
    }

    private static async Task<IEnumerable<string>> AnswersAsync(SweptStack swept, IReadOnlyList<LabContainer> containers)
    {
        var run = containers.FirstOrDefault(container => container.Service == "web")?.Labels["run"];
        var expected = int.TryParse(run, out var number) && number % 2 == 0 ? "web a" : "web b";
        var answer = await swept.Shop.AnswerAsync();
        return answer == expected ? [] : [$"the application answers '{answer}', expected '{expected}'"];
    }

    private static IEnumerable<string> LastKnownGood(HistoryView history, ReleaseView? good)
    {
        if (good is null || good.Number == 0)
        {
            yield break; // it ran before Eclusier came
        }

        var proof = history.Deployments.Any(deployment => deployment.Release == good.Number && deployment.Result == "committed"
            && Passed(deployment, "health-gate") && Passed(deployment, "soak"));
        if (!proof)
        {
            yield return $"release #{good.Number} is last known good, but never passed gate and soak";
        }

        static bool Passed(DeploymentView deployment, string step) => deployment.Steps.Any(record => record.Step == step && record.Succeeded == true);
    }

    private static IEnumerable<string> Deployments(HistoryView history, Attempt attempt)
    {
        foreach (var open in history.Deployments.Where(deployment => deployment.Result is null))
        {
            yield return $"deployment {open} is open";
        }

        var ends = history.Deployments.Count(deployment => deployment.Id > attempt.LastDeployment && Ends.Contains(deployment.Result));
        if (ends > 1 || (ends == 0 && attempt.Target is null))
        {
            yield return $"{ends} deployments came to an end: {string.Join("; ", history.Deployments.Where(deployment => deployment.Id > attempt.LastDeployment))}";
        }
    }

    private static IEnumerable<string> Quarantine(HistoryView history) =>
        from release in history.Releases
        where release.QuarantinedAt is not null
        from deployment in history.Deployments
        where deployment.Release == release.Number && deployment.StartedAt > release.QuarantinedAt && deployment.Steps.Any(step => step.Step == "apply")
        select $"release #{release.Number} is in quarantine and was tried again: {deployment}";

    /// <summary>Written in the transaction that closes the deployment: one for each that came to its end on the host.</summary>
    private static IEnumerable<string> Notifications(EclusierHost host, HistoryView history)
    {
        using var database = AgentDatabase.Open(AgentDatabase.PathIn(host.StateDirectory));
        foreach (var deployment in history.Deployments.Where(deployment => deployment.Result is "committed" or "rolled-back" or "rollback-failed" or "failed"))
        {
            using var count = database.CreateCommand();
            count.CommandText = "SELECT count(*) FROM event WHERE cause = $cause";
            count.Parameters.AddWithValue("$cause", $"deployment/{deployment.Id}");
            if ((long)count.ExecuteScalar()! is var told && told != 1)
            {
                yield return $"deployment {deployment} was told {told} times";
            }
        }
    }

    private static IEnumerable<string> Folders(EclusierHost host, string stack, Attempt attempt, ReleaseView? good)
    {
        var now = HashReleaseFolders(host, stack);
        foreach (var (id, hash) in attempt.Folders.Where(folder => now.TryGetValue(folder.Key, out var hash) && hash != folder.Value))
        {
            yield return $"the release folder {id} changed: {hash} became {now[id]}";
        }

        foreach (var name in now.Keys.Where(name => !ReleaseId().IsMatch(name)))
        {
            yield return $"{name} is left among the release folders";
        }

        if (good is not null && !now.ContainsKey(good.Id))
        {
            yield return $"release #{good.Number} is last known good and has no folder";
        }
    }

    private static IEnumerable<string> Leftovers(string stack, IReadOnlyList<LabContainer> containers)
    {
        foreach (var container in containers.Where(container => Replacement().IsMatch(container.Name) || container.State == "created"))
        {
            yield return $"left over: {container}";
        }

        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            if (CommandLineOf(process) is { } command && command.Contains("compose", StringComparison.Ordinal) && command.Contains($"--project-name {stack}", StringComparison.Ordinal))
            {
                yield return $"still running: {command}";
            }
        }
    }

    private static string? CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return null; // it has ended meanwhile
        }
    }

    private static IEnumerable<string> WorkTree(EclusierHost host, string stack, ReleaseView? good)
    {
        if (good?.Commit is { } commit && good.Number > 0)
        {
            var at = GitRepository.GitIn(Path.Combine(host.StateDirectory, "stacks", stack, "work"), "rev-parse", "HEAD");
            var changed = GitRepository.GitIn(Path.Combine(host.StateDirectory, "stacks", stack, "work"), "status", "--porcelain", "--untracked-files=no");
            if (at != commit || changed.Length > 0)
            {
                yield return $"the work tree is at {at[..7]} ({changed}), the release that runs is of {commit[..7]}";
            }
        }
    }

    private static IEnumerable<string> Expected(Attempt attempt, HistoryView history, StatusView status, ReleaseView? good)
    {
        var tried = history.Releases.Where(release => release.Commit == attempt.Commit).ToList();
        if (attempt.Kills > 1 && history.Deployments.Any(deployment => deployment.Id > attempt.LastDeployment && (deployment.Reason.Contains("the agent was interrupted", StringComparison.Ordinal) || deployment.Reason.Contains("the agent ended", StringComparison.Ordinal))))
        {
            yield break; // a release under which the agent died again and again is suspected, and given up: then only what holds for every end counts
        }

        switch (attempt.Scenario)
        {
            case Scenario.GoodCommit or Scenario.FirstAdoption when good?.Commit != attempt.Commit:
                yield return $"the commit is good, but last known good is {good}; {history}";
                break;
            case Scenario.FirstAdoption when !history.Releases.Any(release => release is { Number: 0, CommittedAt: not null }):
                yield return "what ran before was not taken over as release #0";
                break;
            case Scenario.BadCommit or Scenario.Rollback when good?.Number != attempt.GoodBefore:
                yield return $"the commit is bad, but last known good went from #{attempt.GoodBefore} to {good}";
                break;
            case Scenario.BadCommit or Scenario.Rollback when status.State != "rolled-back" || !tried.Any(release => release.QuarantinedAt is not null):
                yield return $"the commit is bad and was rolled back, but: {status}; quarantined: {string.Join(", ", status.Quarantined)}";
                break;
            case Scenario.ManualRollback when good?.Number != attempt.Target && good?.Number != attempt.GoodBefore:
                yield return $"a person went from #{attempt.GoodBefore} to #{attempt.Target}, but last known good is {good}";
                break;
            case Scenario.ManualRollback when good?.Number != attempt.Target && history.Deployments.Any(deployment => deployment.Id > attempt.LastDeployment && deployment.Steps.Any(step => step.Step == "apply")):
                yield return $"the rollback to #{attempt.Target} was begun, but last known good is {good}";
                break;
        }
    }

    [GeneratedRegex("^[0-9a-f]{12}_")]
    private static partial Regex Replacement();

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex ReleaseId();
}
