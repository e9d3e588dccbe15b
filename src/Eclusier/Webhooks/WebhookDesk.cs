using System.Security.Cryptography;
using Eclusier.Adapters.Webhooks;
using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Metrics;
using Eclusier.Core.Stacks;
using Eclusier.Core.Webhooks;
using Eclusier.Workers;

namespace Eclusier.Webhooks;

/// <summary>Takes what senders say: looks whether they may, which stacks it could concern, and has those looked at. It never says what to deploy.</summary>
internal sealed partial class WebhookDesk(Func<AgentSettings> settings, StackWorkers workers, IJournal journal, Instruments instruments, TimeProvider timeProvider, ILogger<WebhookDesk> logger) : IDisposable
{
    /// <summary>Bodies that are read at a time.</summary>
    private const int Turns = 16;

    /// <summary>So that an unknown name takes as long as a known one.</summary>
    private static readonly string NobodysSecret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim turns = new(Turns);
    private readonly DeliveryMemory deliveries = new(timeProvider);

    // a forge serves many from few addresses; 500 at once come from a CI that has gone mad, and are one look
    private readonly Allowance perDoor = new(1000, 20, timeProvider);
    private readonly Allowance perAddress = new(1000, 20, timeProvider);
    private readonly Allowance complaints = new(1, 1 / Silence.TotalSeconds, timeProvider);

    /// <summary>Without a look at what it sends.</summary>
    public bool IsTooMany(string address)
    {
        var isTooMany = !perAddress.TryTake(address);
        if (isTooMany)
        {
            instruments.Webhooks.Add(WebhookAnswer.TooMany.ToWord());
        }

        return isTooMany;
    }

    /// <summary>Waits until fewer bodies are being read.</summary>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken);
        return new Turn(turns);
    }

    public WebhookAnswer Take(string name, string address, Func<string, string?> header, string? urlSecret, ReadOnlyMemory<byte> body)
    {
        var answer = Judge(name, address, header, urlSecret, body);
        instruments.Webhooks.Add(answer.ToWord());
        return answer;
    }

    private WebhookAnswer Judge(string name, string address, Func<string, string?> header, string? urlSecret, ReadOnlyMemory<byte> body)
    {
        var door = FindDoor(name);
        try
        {
            var secret = door is null ? NobodysSecret : WebhookSecret.Read(door.Secret);
            var proof = SenderCheck.Check(header, urlSecret, body.Span, secret, timeProvider.GetUtcNow());
            if (door is null || proof.Kind is not ProofKind.Genuine)
            {
                return Refuse(door, address, proof.Kind);
            }

            if (!perDoor.TryTake(door.Name))
            {
                return WebhookAnswer.TooMany;
            }

            var concerned = FindConcerned(door, ClaimReader.Read(header, body)); // first: when it cannot be told, the same delivery may come again
            return !deliveries.IsNew(door.Name, proof.Marks) ? WebhookAnswer.Repeated
                : concerned.Count == 0 ? WebhookAnswer.Ignored
                : Nudge(concerned, address);
        }
        catch (FailureException exception)
        {
            if (complaints.TryTake($"failure {name}"))
            {
                Log.NotTaken(logger, name, exception.Message);
            }

            return WebhookAnswer.NotNow;
        }
    }

    private List<(StackWorker Worker, Claim Claim)> FindConcerned(Door door, Claim claim) =>
        [.. workers.All.Where(worker => door.Serves(worker.Stack) && Relevance.Concerns(claim, worker.Stack, journal.ReadState(worker.Stack.Name), door.IsShared)).Select(worker => (worker, claim))];

    private WebhookAnswer Nudge(List<(StackWorker Worker, Claim Claim)> concerned, string address)
    {
        foreach (var (worker, claim) in concerned.Where(one => one.Worker.Nudge()))
        {
            Log.Nudged(logger, worker.Stack.Name, claim.Kind.ToWord(), address);
        }

        return WebhookAnswer.Taken;
    }

    public void Dispose() => turns.Dispose();

    private Door? FindDoor(string name) =>
        settings().Stacks.FirstOrDefault(stack => stack.Name.Value == name && stack.Webhook is not null) is { } own ? new Door(name, own.Webhook!, stack => stack.Name == own.Name, IsShared: false)
        : settings().Webhooks.FirstOrDefault(webhook => webhook.Name == name) is { } shared
            ? new Door(name, shared.Secret, stack => shared.Stacks.Count == 0 || shared.Stacks.Contains(stack.Name.Value), IsShared: true)
        : null;

    /// <summary>What a stranger gives as a name may be anything: only one that is configured is repeated.</summary>
    private WebhookAnswer Refuse(Door? door, string address, ProofKind kind)
    {
        if (complaints.TryTake(address))
        {
            var why = kind switch
            {
                _ when door is null => "no webhook of that name is configured",
                ProofKind.Missing => "it brought neither signature nor secret",
                ProofKind.OutOfTime => "it was signed too long ago, or one of the two clocks is wrong",
                _ => "its signature or secret is wrong",
            };
            Log.Refused(logger, door?.Name ?? "?", address, why, Silence.TotalMinutes);
        }

        return WebhookAnswer.Refused;
    }

    private sealed record Door(string Name, SecretSource Secret, Func<Stack, bool> Serves, bool IsShared);

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: A webhook came from {Address} ({Kind})")]
        public static partial void Nudged(ILogger logger, StackName stack, string kind, string address);

        [LoggerMessage(LogLevel.Warning, "A webhook for '{Name}' from {Address} was refused: {Reason} (further ones from there are not told for {Minutes} min)")]
        public static partial void Refused(ILogger logger, string name, string address, string reason, double minutes);

        [LoggerMessage(LogLevel.Error, "The webhook '{Name}' cannot be taken: {Reason}")]
        public static partial void NotTaken(ILogger logger, string name, string reason);
    }
}

/// <summary>What became of a webhook.</summary>
internal enum WebhookAnswer
{
    /// <summary>At least one stack is looked at.</summary>
    Taken,

    /// <summary>It cannot concern any stack.</summary>
    Ignored,

    /// <summary>The same delivery was here before.</summary>
    Repeated,

    /// <summary>Whoever sent it does not know the secret.</summary>
    Refused,

    TooMany,

    /// <summary>The secret or the journal cannot be read.</summary>
    NotNow,
}
