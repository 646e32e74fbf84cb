"""Addresses of money."""

from django.urls import path

from funding.views import claims, payments, payroll

app_name = "funding"
urlpatterns = [
    path("payroll/", payroll.runs, name="payroll"),
    path("payroll/rates/", payroll.rates, name="rates"),
    path("payroll/<slug:key>/", payroll.run, name="payroll_run"),
    path("payroll/<slug:key>/lines.csv", payroll.run_csv, name="payroll_csv"),
    path("payroll/<slug:key>/approve/", payroll.approve, name="approve_payroll"),
    path("payroll/<slug:key>/release/", payroll.release, name="release_payroll"),
    path("payroll/<slug:key>/discard/", payroll.discard, name="discard_payroll"),
    path("payroll/<slug:key>/hold/<slug:line>/", payroll.hold, name="hold"),
    path("payslips/", payroll.payslips, name="payslips"),
    path("payslips/<slug:key>/", payroll.payslip, name="payslip"),
    path("payslips/<slug:key>/pdf/", payroll.payslip_pdf, name="payslip_pdf"),
    path("claims/", claims.mine, name="claims"),
    path("claims/desk/", claims.desk, name="claims_desk"),
    path("claims/desk.csv", claims.desk_csv, name="claims_csv"),
    path("claims/release/<slug:code>/", claims.release, name="release_claims"),
    path("claims/new/<slug:key>/", claims.new, name="new_claim"),
    path("claims/evidence/<slug:key>/", claims.evidence, name="evidence"),
    path("claims/<slug:key>/", claims.claim, name="claim"),
    path("claims/<slug:key>/approve/", claims.approve, name="approve_claim"),
    path("payments/", payments.batches, name="batches"),
    path("payments/<slug:key>/", payments.batch, name="batch"),
    path("payments/<slug:key>/file.<str:kind>", payments.batch_file, name="batch_file"),
    path("payments/<slug:key>/again/", payments.pay_again, name="pay_again"),
    path("bank/", payments.bank, name="bank"),
    path("bank/desk/", payments.bank_desk, name="bank_desk"),
    path("bank/<int:pk>/confirm/", payments.confirm_bank, name="confirm_bank"),
]
