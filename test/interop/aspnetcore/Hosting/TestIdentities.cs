using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Hubwire.Interop.Server.Hosting;

/// <summary>
/// Who a caller is. The bearer token <c>good-NAME</c>, in the Authorization header or the <c>access_token</c> query
/// value, authenticates NAME; any other token is refused. Without one, <c>?user=NAME</c> or the header
/// <c>X-User: NAME</c> still names the user for <c>Clients.User</c>, but authenticates nobody.
/// </summary>
public static class TestIdentities
{
    /// <summary>The policy that lets in <c>admin</c> only.</summary>
    public const string AdminOnly = "AdminOnly";

    private const string BearerScheme = "Bearer";

    /// <summary>Registers authentication, the policy and the user ids.</summary>
    public static void AddTestIdentities(this IServiceCollection services)
    {
        // AddAuthentication() would add data protection, which writes keys to the home directory.
        services.AddAuthenticationCore(options => options.DefaultScheme = BearerScheme);
        services.AddWebEncoders();
        services.AddSingleton(TimeProvider.System);
        new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, TestTokenHandler>(BearerScheme, _ => { });
        services.AddAuthorizationBuilder()
            .AddPolicy(AdminOnly, policy => policy.RequireClaim(ClaimTypes.NameIdentifier, "admin"));
        services.AddSingleton<IUserIdProvider, TestUserIds>();
    }

    /// <summary>The bearer token of a request, from the header or else from the query.</summary>
    public static string? AccessTokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? header["Bearer ".Length..]
            : request.Query["access_token"].FirstOrDefault();
    }

    private sealed class TestTokenHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options,
        ILoggerFactory logger,
        UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        private const string GoodPrefix = "good-";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

        private AuthenticateResult Authenticate()
        {
            if (AccessTokenOf(Request) is not { Length: > 0 } token)
            {
                return AuthenticateResult.NoResult();
            }

            if (!token.StartsWith(GoodPrefix, StringComparison.Ordinal) || token.Length == GoodPrefix.Length)
            {
                return AuthenticateResult.Fail("The access token is not good.");
            }

            var name = token[GoodPrefix.Length..];
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], BearerScheme);
            return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), BearerScheme));
        }
    }

    private sealed class TestUserIds : IUserIdProvider
    {
        public string? GetUserId(HubConnectionContext connection)
        {
            var request = connection.GetHttpContext()?.Request;
            return connection.User.FindFirstValue(ClaimTypes.NameIdentifier)
                ?? request?.Query["user"].FirstOrDefault()
                ?? request?.Headers["X-User"].FirstOrDefault();
        }
    }
}
