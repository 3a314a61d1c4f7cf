namespace EventDossier.Web.Pages;

/// <summary>An error, told to people.</summary>
public sealed partial class Problem
{
    internal static Task ShowAsync(HttpContext http, int status, string code, string detail)
    {
        Site.Protect(http);
        var visit = http.RequestServices.GetRequiredService<Visit>();
        var title = status switch
        {
            403 => visit.Say["Not for you", "Không thuộc quyền của bạn"],
            404 => visit.Say["Not found", "Không tìm thấy"],
            429 => visit.Say["Too many requests", "Quá nhiều yêu cầu"],
            >= 500 => visit.Say["It did not work", "Chưa thực hiện được"],
            _ => visit.Say["It can’t be done so", "Chưa thực hiện được"],
        };
        return visit.Page<Problem>(title, new { Code = code, Detail = detail }, status).ExecuteAsync(http);
    }
}
