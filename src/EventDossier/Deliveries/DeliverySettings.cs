using System.Globalization;
using EventDossier.Organisation;

namespace EventDossier.Deliveries;

/// <summary>Where messages go out, and how patiently. A channel that is not set is not used.</summary>
public sealed record DeliverySettings
{
    public SmtpServer? Smtp { get; init; }

    /// <summary>From which the key of each receiver's signatures is derived; null: no webhooks.</summary>
    public byte[]? WebhookSecret { get; init; }

    /// <summary>The gateway that takes text messages to applicants.</summary>
    public Uri? Sms { get; init; }

    /// <summary>The national portal; null: nothing is taken from there or told there.</summary>
    public PortalServer? Portal { get; init; }

    /// <summary>How often what came in at the portal is asked for.</summary>
    public TimeSpan PortalPoll { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long alerts gather, so that many at once are one message.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether staff and phones are left alone outside working hours, but for the gravest alerts.</summary>
    public bool QuietHours { get; init; } = true;

    /// <summary>After so many a message is dead until somebody sends it again. 28 go on for three days.</summary>
    public int Attempts { get; init; } = 28;

    /// <summary>Before the second attempt; twice as long before each further one, up to four hours.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a receiver may take over one message.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <param name="Tls">STARTTLS; a server that does not offer it is not trusted with anything.</param>
    public sealed record SmtpServer(string Host, int Port, bool Tls, string? User, string? Password, string From);

    /// <param name="User">The centre's name there.</param>
    public sealed record PortalServer(Uri Url, string User, string Secret);

    /// <summary>By their names in the environment: <c>Delivery__Smtp__Host</c>.</summary>
    /// <param name="get">A setting by its name there; null or empty where it is not set.</param>
    /// <exception cref="UserError"><c>bad-setting</c></exception>
    public static DeliverySettings Read(Func<string, string?> get)
    {
        var standard = new DeliverySettings();
        return new()
        {
            Smtp = Get("Delivery__Smtp__Host") is not { } host ? null : new(
                host, Number("Delivery__Smtp__Port", 587), Flag("Delivery__Smtp__Tls", true), Get("Delivery__Smtp__User"), Get("Delivery__Smtp__Password"),
                Get("Delivery__Smtp__From") is { } from && OrganisationRules.IsMail(from) ? from : throw Bad("Delivery__Smtp__From", "a mail address")),
            WebhookSecret = Get("Delivery__Webhook__Secret") is { } secret
                ? Webhook.Secret(secret) ?? throw Bad("Delivery__Webhook__Secret", "whsec_ and 24 to 64 bytes in base64")
                : null,
            Sms = Address("Delivery__Sms__Url"),
            Portal = Address("Portal__Url") is not { } portal ? null : new(
                portal, Get("Portal__User") ?? throw Bad("Portal__User", "set, as the portal's address is"),
                Get("Portal__Secret") ?? throw Bad("Portal__Secret", "set, as the portal's address is")),
            PortalPoll = TimeSpan.FromSeconds(Number("Portal__PollSeconds", (int)standard.PortalPoll.TotalSeconds)),
            Gather = TimeSpan.FromSeconds(Number("Delivery__GatherSeconds", (int)standard.Gather.TotalSeconds)),
            QuietHours = Flag("Delivery__QuietHours", standard.QuietHours),
            Attempts = Number("Delivery__Attempts", standard.Attempts),
            Backoff = TimeSpan.FromSeconds(Number("Delivery__BackoffSeconds", (int)standard.Backoff.TotalSeconds)),
            Timeout = TimeSpan.FromSeconds(Number("Delivery__TimeoutSeconds", (int)standard.Timeout.TotalSeconds)),
        };

        Uri? Address(string name) => Get(name) is not { } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) ? url
            : throw Bad(name, "an https address");

        string? Get(string name) => get(name) is { Length: > 0 } value ? value : null;

        int Number(string name, int otherwise) => Get(name) is not { } text ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 86_400 ? number : throw Bad(name, "a whole number up to 86400");

        bool Flag(string name, bool otherwise) => Get(name) is not { } text ? otherwise : bool.TryParse(text, out var flag) ? flag : throw Bad(name, "true or false");

        static UserError Bad(string name, string wanted) => new("bad-setting", $"{name} is not {wanted}");
    }
}
