using Eclusier.Core.Access;

namespace Eclusier.Tests.Api;

/// <summary>The audit without a database.</summary>
internal sealed class InMemoryAudit : IAuditLog
{
    private readonly List<AuditEntry> _entries = [];

    /// <summary>What beginning and ending throw.</summary>
    public Exception? Fails { get; set; }

    /// <summary>Oldest first: <c>ci operate 127.0.0.1: deploy shop forced (why) -> done</c>.</summary>
    public IReadOnlyList<string> Lines => [.. _entries.Select(entry =>
        $"{entry.What.Caller.Name} {entry.What.Caller.Role} {entry.What.Caller.From}: {string.Join(' ', new[] { entry.What.Action, entry.What.Stack?.Value, entry.What.Detail }.Where(part => !string.IsNullOrEmpty(part)))} ({entry.What.Reason}) -> {entry.Result ?? "?"}")];

    public long Begin(AuditedAction action, DateTimeOffset at)
    {
        if (Fails is { } failure)
        {
            throw failure;
        }

        _entries.Add(new AuditEntry(_entries.Count, at, action, null, null));
        return _entries.Count - 1;
    }

    public void End(long id, string result, DateTimeOffset at)
    {
        if (Fails is { } failure)
        {
            throw failure;
        }

        _entries[(int)id] = _entries[(int)id] with { EndedAt = at, Result = result };
    }

    public IReadOnlyList<AuditEntry> Read(int limit) => [.. Enumerable.Reverse(_entries).Take(limit)];
}
