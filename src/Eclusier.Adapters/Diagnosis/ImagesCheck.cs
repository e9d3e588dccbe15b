using Eclusier.Core.Deployments;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>Every image of a stack: its registry answers a question about it, with the login that the daemon would use.</summary>
public sealed class ImagesCheck(StackImages images, IRegistry registry) : Check("images", images.Stack.Name.Value)
{
    public override TimeSpan Limit => TimeSpan.FromSeconds(60); // a first deployment's commit is fetched for it

    public override string Remedy => $"`eclusier plan {Subject}` makes the same without a time limit";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ImageReference> all;
        try
        {
            all = await images.ReadAsync(cancellationToken);
        }
        catch (FailureException exception)
        {
            return [Problem($"the images cannot be told: {exception.Message}", exception.Kind is FailureKind.Rejected ? "put right what it names, in the repository or on the host" : $"once that is in order, `eclusier doctor` again")];
        }

        return all.Count == 0 ? [Ok("no image of a registry")] : await Task.WhenAll(all.Select(image => LookAsync(image, cancellationToken)));
    }

    private async Task<CheckResult> LookAsync(ImageReference image, CancellationToken cancellationToken)
    {
        try
        {
            await registry.ResolveDigestAsync(image, images.Stack.AccessTo(image), cancellationToken);
            return Ok($"{image} is in its registry");
        }
        catch (FailureException exception)
        {
            return exception.Kind switch
            {
                FailureKind.Waiting => Warning(exception.Message, "is the name right, has CI pushed it? (some registries say the same to those who may not see it)"),
                FailureKind.Rejected => Problem(exception.Message, images.Stack.AccessTo(image) is { HasLogin: true }
                    ? $"put the login under `registries: {{ {image.Registry}: … }}` of stack {Subject} right: it is refused"
                    : $"`docker login {image.Registry}` as {Environment.UserName}, or a login under `registries` of stack {Subject}"),
                _ => Problem(exception.Message, $"look whether {image.Registry} can be reached from this host: its name, DNS, a proxy, a firewall, its certificate"),
            };
        }
    }
}
