using Eclusier.Adapters.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Core.Liveness;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>Has the engine pull an image, and watches that it gets on with it.</summary>
internal sealed class ImagePull(EngineConnection connection, DockerCredentials credentials)
{
    public async Task RunAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken)
    {
        var login = await credentials.FindAsync(image.Registry, access, cancellationToken);
        var limit = connection.Options.PullProgressTimeLimit;
        using var expected = SignsOfLife.Expect($"the pull of {image}", limit);
        using var stalled = new CancellationTokenSource(limit, connection.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stalled.Token, cancellationToken);
        try
        {
            await connection.CallAsync(
                $"pull {image}",
                async (api, token) =>
                {
                    await PullAsync(api, image, platform, login, Renew, token);
                    return true;
                },
                either.Token);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            throw new FailureException(exception.Failure with { HostFiles = credentials.FilesOf(access) }, exception); // a login that was put right is worth another try
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw FailureException.Transient($"pulling {image} made no progress for {limit.TotalSeconds:0.#} s and was given up", exception);
        }

        void Renew() // each sign of life starts the clock anew
        {
            stalled.CancelAfter(limit);
            expected.Renew();
        }
    }

    private static async Task PullAsync(EngineApi api, ImageReference image, string? platform, RegistryLogin? login, Action onProgress, CancellationToken cancellationToken)
    {
        var authorization = login is null ? null : new RegistryAuthorization(login.Username, login.Password.Reveal(), login.IdentityToken?.Reveal(), image.Registry);
        string? error = null;
        try
        {
            await foreach (var line in api.PullAsync(image.Name, image.Digest ?? image.TagOrDefault, platform, authorization, cancellationToken))
            {
                onProgress();
                error ??= line.ErrorDetail?.Message ?? line.Error;
            }
        }
        catch (EngineAnswerException exception)
        {
            throw EngineFailures.OfPull(image, platform, exception.Message, exception.Status, login is not null);
        }

        // the answer begins with 200 long before the pull ends: what fails later comes inside it
        if (error is not null)
        {
            throw EngineFailures.OfPull(image, platform, error, status: null, login is not null);
        }
    }
}
