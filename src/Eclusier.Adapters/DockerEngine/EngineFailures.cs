using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Failures;
using Eclusier.Adapters.Http;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>Turns what the engine answers, or that it does not, into the kinds of failure that the agent knows.</summary>
internal static partial class EngineFailures
{
    private const StringComparison AnyCase = StringComparison.OrdinalIgnoreCase;

    public static FailureException Silent(string endpoint, TimeSpan limit, string what, Exception? exception = null) =>
        FailureException.Transient($"the Docker Engine at {endpoint} does not answer: nothing within {limit.TotalSeconds:0.#} s to {what}", exception);

    /// <summary>No answer at all, or a broken one.</summary>
    public static FailureException Unreachable(string endpoint, Exception exception)
    {
        var socket = InChain<SocketException>(exception);
        if (socket?.SocketErrorCode == SocketError.AccessDenied || InChain<UnauthorizedAccessException>(exception) is not null)
        {
            return FailureException.Rejected($"the Docker Engine at {endpoint} may not be used by this user: add the user Eclusier runs as to the group 'docker' and restart Eclusier, or run it as root", exception);
        }

        // a socket's file that is not there comes as "Cannot assign requested address", which says nothing to anybody
        var reason = socket?.SocketErrorCode == SocketError.AddressNotAvailable && endpoint.StartsWith("unix://", StringComparison.Ordinal)
            ? "the socket does not exist"
            : ConnectionTrouble.Describe(exception);
        return FailureException.Transient($"the Docker Engine at {endpoint} does not answer: {reason}; is it running?", exception);
    }

    /// <summary>The engine answered that it will not.</summary>
    public static FailureException OfAnswer(EngineAnswerException exception, string what)
    {
        var message = VaryingParts.Without(exception.Message);
        return IsDiskFull(message) ? DiskFull(what, message)
            : exception.Status >= HttpStatusCode.InternalServerError || exception.Status is HttpStatusCode.TooManyRequests
                ? FailureException.Transient($"the Docker Engine could not {what}: {message}", exception)
                : FailureException.Rejected($"the Docker Engine refused to {what}: {message}", exception);
    }

    /// <summary>A pull failed: the engine hands on the registry's own words, which is all there is to go by.</summary>
    public static FailureException OfPull(ImageReference image, string? platform, string message, HttpStatusCode? status, bool hasLogin)
    {
        var what = $"pull {image}";
        message = VaryingParts.Without(WithoutQueries().Replace(message, "?…").Trim()); // signed addresses are secrets
        var words = message.Replace(image.Name, "").Replace(image.Repository, ""); // which may be called "denied"
        return
            IsDiskFull(message) ? DiskFull(what, message)
            : Says(words, "toomanyrequests", "too many requests")
                ? FailureException.Transient($"the registry {image.Registry} asks to come back later for {image}: {message}")
            : Says(words, "no matching manifest for", "does not match the specified platform", "cannot be used on this platform", "no match for platform")
                ? FailureException.Rejected($"the image {image} does not exist for {platform ?? "this host's platform"}: {message}")
            : Says(words, "cannot overwrite digest")
                ? FailureException.Rejected($"the Docker Engine already has {image} for another platform and keeps only one; remove it with `docker rmi {image}`: {message}")
            : Says(words, "pull access denied", "unauthorized", "denied", "no basic auth credentials", "authentication required", "insufficient_scope")
                ? FailureException.Rejected($"the registry {image.Registry} refused access to {image} ({(hasLogin ? "a login for it was found" : "no login for it was found")}); run `docker login {image.Registry}` as the user Eclusier runs as: {message}")
            : Says(words, "manifest unknown", "name unknown", "repository name not known") || (Says(words, "manifest for", "failed to resolve reference") && Says(words, "not found"))
                ? FailureException.Waiting($"the registry {image.Registry} does not have {image} yet")
            : status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.NotFound
                ? FailureException.Rejected($"the Docker Engine refused to {what}: {message}")
            : FailureException.Transient($"the Docker Engine could not {what}: {message}");
    }

    private static FailureException DiskFull(string what, string message) =>
        FailureException.Transient($"the disk is full: the Docker Engine could not {what}; free some space under its data folder: {message}");

    private static bool IsDiskFull(string message) => Says(message, "no space left on device", "disk quota exceeded");

    private static bool Says(string message, params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (message.Contains(text, AnyCase))
            {
                return true;
            }
        }

        return false;
    }

    private static T? InChain<T>(Exception? exception)
        where T : Exception => exception as T ?? (exception?.InnerException is { } inner ? InChain<T>(inner) : null);

    [GeneratedRegex("""\?[^\s"':]+""")]
    private static partial Regex WithoutQueries();
}
