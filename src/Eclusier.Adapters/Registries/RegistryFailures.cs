using System.Net;
using Eclusier.Adapters.Http;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Registries;

/// <summary>Turns what a registry answers, or that it does not, into the kinds of failure that the agent knows.</summary>
internal static class RegistryFailures
{
    public static FailureException OfAnswer(HttpResponseMessage response, ImageReference image, LoginKind login, DateTimeOffset now) => response.StatusCode switch
    {
        HttpStatusCode.NotFound => FailureException.Waiting($"the registry {image.Registry} does not have {image} yet"),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Refused(image, login),
        HttpStatusCode.TooManyRequests => Later($"the registry {image.Registry} asks to come back later (429 Too Many Requests) for {image}", response, now),
        HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => Later($"the registry {image.Registry} is in trouble: it answered {Status(response)} for {image}", response, now),
        _ => FailureException.Rejected($"the registry {image.Registry} answered {Status(response)} for {image}; is this address an image registry?"),
    };

    public static FailureException OfTokenAnswer(HttpResponseMessage response, Uri realm, ImageReference image, LoginKind login, DateTimeOffset now) => response.StatusCode switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Refused(image, login),
        HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError =>
            Later($"the token service {realm.Host} of the registry {image.Registry} answered {Status(response)}", response, now),
        _ => FailureException.Rejected($"the token service {realm.Host} of the registry {image.Registry} answered {Status(response)}"),
    };

    public static FailureException Refused(ImageReference image, LoginKind login) => FailureException.Rejected($"the registry {image.Registry} refused access to {image}, " + login switch
    {
        LoginKind.Stack => "although the stack's own login was used; put it right under `registries`, or ask for the right to pull",
        LoginKind.Docker => $"although a login for it was found; run `docker login {image.Registry}` again as the user Eclusier runs as, or ask for the right to pull",
        _ => $"and no login for it was found; run `docker login {image.Registry}` as the user Eclusier runs as, or give the stack a login under `registries`",
    });

    public static FailureException OfException(Exception exception, string server) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }
            ? FailureException.Transient($"the answer of {server} is too large to be right", exception)
            : FailureException.Transient($"{server} cannot be reached: {ConnectionTrouble.Describe(exception)}", exception);

    private static FailureException Later(string message, HttpResponseMessage response, DateTimeOffset now) =>
        new(new Failure(FailureKind.Transient, message) { RetryAfter = RetryAfter.Of(response, now) });

    private static string Status(HttpResponseMessage response) => $"{(int)response.StatusCode} {response.ReasonPhrase}".Trim();
}
