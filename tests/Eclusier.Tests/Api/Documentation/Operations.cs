using System.Text.Json.Nodes;
using Eclusier.Output;

namespace Eclusier.Tests.Api.Documentation;

/// <summary>Every route of the API, in words.</summary>
internal static class Operations
{
    private const string Lines = "application/x-ndjson";
    private const string InLines = "The answer comes line by line, each a JSON document: `progress` as it is made, at last `outcome`, or `error`. The work goes on when the client leaves.";
    private const string Events = """
        Server-sent events. First each stack's status, then `status` whenever one changes (data: StackStatus) and `progress` for each line of the journal (data: ProgressLine). A comment
        every 15 s shows that the connection lives. A client that reads too slowly is cut off and may come again; 64 may watch at the same time.
        """;

    private static readonly AgentJson Json = AgentJson.Readable;

    public static IReadOnlyList<Operation> All { get; } =
    [
        new("GET", "/healthz", "Whether the daemon lives") { AnswerMedia = "text/plain", Description = "Needs no token." },
        new("GET", "/readyz", "Whether it can work")
        {
            AnswerMedia = "text/plain",
            Description = "Needs no token. Tells with yes or no, a line each, whether there are a usable configuration, an open database and an engine that answers. 503 unless all are there.",
        },
        new("GET", "/api/v1/openapi.json", "This document") { Answer = null },
        new("GET", "/api/v1/agent", "Who answers here: version, state folder, stacks") { Answer = Json.AgentIdentity },
        new("GET", "/api/v1/stats", "Deployments by result, and how it stands with notifiers") { Answer = Json.StatsReport },
        new("GET", "/api/v1/history", "Deployments and releases of all stacks, newest first") { Query = [Limit(20)], Answer = Json.HistoryReport },
        new("GET", "/api/v1/events", "What happens to all stacks, as it happens") { Description = Events, AnswerMedia = "text/event-stream" },
        new("POST", "/api/v1/notify/test", "Send a test message") { Body = Json.NotifyTestRequest, Example = """{"notifier":"ops"}""", Answer = Json.StreamLine, Description = "Waits for what becomes of it: `notified`." },
        new("GET", "/api/v1/config/check", "Whether the configuration file, as it is now, can be used") { Answer = Json.ConfigurationDocument, Description = "What the daemon works with stays as it is: see `reload`." },
        new("POST", "/api/v1/reload", "Take the configuration as it is now")
        {
            Body = Json.ReasonRequest, Example = """{"reason":"a new stack"}""", Answer = Json.StreamLine, Description = "Answers with `reloaded`. One with mistakes is refused as a whole (409), and the one before stays.",
        },
        new("GET", "/api/v1/audit", "Who had what done, newest first") { Query = [Limit(50)], Answer = Json.AuditReport },
        new("GET", "/api/v1/tokens", "The tokens there are") { Answer = Json.TokensReport },
        new("POST", "/api/v1/tokens", "Make a token")
        {
            Body = Json.TokenRequest, RequiredInBody = ["name", "role"], Example = """{"name":"ci","role":"operate","expiresAt":"2100-01-01T00:00:00Z","reason":"for the pipeline"}""",
            Status = 201, Answer = Json.NewTokenReport, Description = "The token's `text` is told this once.",
        },
        new("DELETE", "/api/v1/tokens/{token}", "Take a token away") { Answer = Json.TokensReport, Description = "It counts no more at once. Answers with those that are left." },
        new("GET", "/api/v1/stacks", "All stacks: what runs, what is healthy, what comes next") { Answer = Json.StatusDocument },
        new("GET", "/api/v1/stacks/{name}", "One stack") { Answer = Json.StatusDocument },
        new("GET", "/api/v1/stacks/{name}/history", "Its deployments and releases, newest first") { Query = [Limit(20)], Answer = Json.HistoryReport },
        new("GET", "/api/v1/stacks/{name}/releases/{number}", "A release in full: images, steps, evidence") { Answer = Json.ReleaseReport },
        new("GET", "/api/v1/stacks/{name}/diff", "What is different between two releases: images, names of variables, definitions, files")
        {
            Query = [Release("from", "41"), Release("to", "42")], Answer = Json.ComparisonReport,
        },
        new("GET", "/api/v1/stacks/{name}/logs", "Its containers' output and the deployment's own lines, oldest first")
        {
            Query =
            [
                new("lines", Whole(0, 100_000, 100), "How many lines of the past.", "all"),
                new("follow", new JsonObject { ["type"] = "boolean", ["default"] = false }, "Goes on with what comes, until the client leaves.", null),
            ],
            Answer = Json.StreamLine, AnswerMedia = Lines, Description = "A JSON document a line: `log`.",
        },
        new("GET", "/api/v1/stacks/{name}/events", "What happens to it, as it happens") { Description = Events, AnswerMedia = "text/event-stream" },
        new("POST", "/api/v1/stacks/{name}/plan", "What deploying would change and why; touches nothing")
        {
            Answer = Json.StreamLine, AnswerMedia = Lines, Description = "The answer comes line by line: `progress` as it is made, at last `plan`, or `error`.",
        },
        new("POST", "/api/v1/stacks/{name}/check", "Look for something new now")
        {
            Body = Json.ReasonRequest, Example = """{"reason":"pushed"}""", Status = 202, Answer = Json.StreamLine, Description = "Does not wait for what comes of it. Many at once are one.",
        },
        new("POST", "/api/v1/stacks/{name}/deploy", "Check and deploy now, and wait for the outcome")
        {
            Body = Json.DeployRequest, Example = """{"force":true,"reason":"the hotfix"}""", Answer = Json.StreamLine, AnswerMedia = Lines, Description = InLines,
        },
        new("POST", "/api/v1/stacks/{name}/rollback", "Go back to a release and stay there until a newer commit")
        {
            Body = Json.RollbackRequest, Example = """{"to":40,"reason":"the new one is slow"}""", Answer = Json.StreamLine, AnswerMedia = Lines, Description = InLines,
        },
        new("POST", "/api/v1/stacks/{name}/retry", "Free the quarantined release and try it once more")
        {
            Body = Json.ReasonRequest, Example = """{"reason":"the disk was full"}""", Answer = Json.StreamLine, AnswerMedia = Lines, Description = InLines,
        },
        new("POST", "/api/v1/stacks/{name}/suspend", "Stop deploying it; its containers keep running")
        {
            Body = Json.SuspendRequest, RequiredInBody = ["reason"], Example = """{"reason":"migration tonight"}""", Answer = Json.StreamLine, Description = "Answers with `outcome`.",
        },
        new("POST", "/api/v1/stacks/{name}/resume", "Deploy it again")
        {
            Body = Json.ReasonRequest, Example = """{"reason":"migrated"}""", Answer = Json.StreamLine, Description = "Answers with `outcome`; what came meanwhile is deployed now.",
        },
    ];

    private static Parameter Limit(int otherwise) => new("limit", Whole(0, 1000, otherwise), "How many of each at most.", "-1");

    private static Parameter Release(string name, string sample) => new(name, new JsonObject { ["type"] = "integer", ["minimum"] = 0 }, "A release's number.", "x", sample);

    private static JsonObject Whole(int least, int most, int otherwise) => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most, ["default"] = otherwise };
}
