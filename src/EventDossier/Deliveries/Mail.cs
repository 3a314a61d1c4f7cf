using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;

namespace EventDossier.Deliveries;

/// <summary>What a person reads, as text and as HTML; Vietnamese first.</summary>
public sealed record Letter(string Subject, string Text, string Html);

/// <summary>Hands messages to the mail server.</summary>
internal sealed class Mail(DeliverySettings.SmtpServer server, TimeSpan timeout, TimeProvider clock)
{
    /// <exception cref="DeliveryFailedException"/>
    public async Task SendAsync(string to, Guid id, Letter letter, CancellationToken cancel)
    {
        using var message = new MailMessage(server.From, to) { Subject = letter.Subject, SubjectEncoding = Encoding.UTF8, BodyEncoding = Encoding.UTF8 };
        message.Headers.Add("Message-ID", $"<{id}@{message.From!.Host}>");
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: no machine answers it
        // The better one comes last (RFC 2046, 5.1.4).
        message.AlternateViews.Add(View(letter.Text, MediaTypeNames.Text.Plain));
        message.AlternateViews.Add(View(letter.Html, MediaTypeNames.Text.Html));

        using var client = new SmtpClient(server.Host, server.Port) { EnableSsl = server.Tls };
        if (server.User is not null)
            client.Credentials = new NetworkCredential(server.User, server.Password);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var limit = new CancellationTokenSource(timeout, clock);
        using var both = limit.Token.Register(patience.Cancel);
        try
        {
            await client.SendMailAsync(message, patience.Token);
        }
        catch (SmtpFailedRecipientException e)
        {
            // The server is well; it does not want this address. 5xx says so for good (RFC 5321, 4.2.1).
            throw new DeliveryFailedException(Told(e), ofReceiver: false, forGood: (int)e.StatusCode >= 500);
        }
        catch (SmtpException e)
        {
            throw new DeliveryFailedException(Told(e), ofReceiver: true);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            throw new DeliveryFailedException(e.Message, ofReceiver: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new DeliveryFailedException($"no answer within {timeout.TotalSeconds:0} s", ofReceiver: true);
        }
    }

    private static AlternateView View(string text, string type)
    {
        var view = AlternateView.CreateAlternateViewFromString(text, Encoding.UTF8, type);
        view.TransferEncoding = TransferEncoding.Base64;
        return view;
    }

    /// <summary>What the server said may repeat an applicant's address, and is kept to its number.</summary>
    private static string Told(SmtpException e) => e.InnerException is { } cause and not SmtpException ? cause.GetBaseException().Message : $"the mail server answered {(int)e.StatusCode}";
}
