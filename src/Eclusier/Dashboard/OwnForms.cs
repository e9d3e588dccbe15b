using Eclusier.Api.Access;
using Eclusier.Core.Access;
using Eclusier.Dashboard.Sessions;
using Microsoft.AspNetCore.Http.Features;

namespace Eclusier.Dashboard;

/// <summary>Takes only forms that our own pages sent.</summary>
internal sealed class OwnForms(FormTokens tokens, ApiSettings settings)
{
    private const string FormType = "application/x-www-form-urlencoded";
    private const int LargestBody = 8 * 1024;
    private const int MostFields = 16;

    /// <returns><c>null</c>: it comes from elsewhere, or is no form.</returns>
    /// <param name="isSignIn">Nobody is known yet, so there is no token that could come along.</param>
    public async Task<IFormCollection?> ReadAsync(HttpContext context, bool isSignIn = false)
    {
        var request = context.Request;
        var saysFrom = request.Headers["Sec-Fetch-Site"].Count > 0 || request.Headers.Origin.Count > 0; // every browser does; programs have the API
        if (!saysFrom || !SameOrigin.IsAsked(request, settings.Url) || request.ContentType?.StartsWith(FormType, StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBody;
        }

        try
        {
            var form = await request.ReadFormAsync(new FormOptions { ValueCountLimit = MostFields, ValueLengthLimit = LargestBody }, context.RequestAborted);
            return isSignIn || tokens.IsOf(context, form[FormTokens.Field].ToString()) ? form : null;
        }
        catch (InvalidDataException)
        {
            return null; // too many fields for any of our forms
        }
    }
}
