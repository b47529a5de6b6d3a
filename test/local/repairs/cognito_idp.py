from cases import case, ordinary, refused


def pool(aws, **more):
    return aws.cognito_idp.create_user_pool(PoolName="users", **more)["UserPool"]["Id"]


def arn(id):
    return f"arn:aws:cognito-idp:us-east-1:123456789012:userpool/{id}"


def google(aws, id, secret="s"):
    details = {"client_id": "c", "client_secret": secret, "authorize_scopes": "openid"}
    aws.cognito_idp.create_identity_provider(
        UserPoolId=id, ProviderName="Google", ProviderType="Google", ProviderDetails=details
    )


@case
def an_update_of_a_pool_resets_what_it_leaves_out_and_keeps_what_cannot_change(aws):
    id = pool(aws, UsernameAttributes=["email"], AutoVerifiedAttributes=["email"], UserPoolTags={"a": "1"})
    aws.cognito_idp.update_user_pool(UserPoolId=id, PoolName="other")
    live = aws.cognito_idp.describe_user_pool(UserPoolId=id)["UserPool"]
    assert live["Name"] == "other" and live["UsernameAttributes"] == ["email"] and live["UserPoolTags"] == {"a": "1"}
    assert not live.get("AutoVerifiedAttributes")


@case
def the_two_names_of_password_validity_are_answered_and_not_taken_together(aws):
    password = {"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": 3}}
    id = pool(aws, Policies=password)
    live = aws.cognito_idp.describe_user_pool(UserPoolId=id)["UserPool"]
    assert live["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 3
    with refused("InvalidParameterException"):
        aws.cognito_idp.update_user_pool(
            UserPoolId=id, Policies=password, AdminCreateUserConfig={"UnusedAccountValidityDays": 3}
        )


@case
def the_mode_of_mfa_shows_in_the_pool_and_off_takes_no_factor(aws):
    id = pool(aws)
    totp = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    aws.cognito_idp.set_user_pool_mfa_config(UserPoolId=id, MfaConfiguration="OPTIONAL", **totp)
    assert aws.cognito_idp.describe_user_pool(UserPoolId=id)["UserPool"]["MfaConfiguration"] == "OPTIONAL"
    with refused("InvalidParameterException"):
        aws.cognito_idp.set_user_pool_mfa_config(UserPoolId=id, MfaConfiguration="OFF", **totp)


@case
def optional_mfa_at_creation_wants_sms(aws):
    with refused("InvalidParameterException"):
        pool(aws, MfaConfiguration="OPTIONAL")


@case
def a_protected_pool_is_not_deleted(aws):
    id = pool(aws, DeletionProtection="ACTIVE")
    with refused("InvalidParameterException"):
        aws.cognito_idp.delete_user_pool(UserPoolId=id)


@case
def a_pool_with_a_domain_is_not_deleted(aws):
    id = pool(aws)
    aws.cognito_idp.create_user_pool_domain(UserPoolId=id, Domain="mine")
    with refused("InvalidParameterException"):
        aws.cognito_idp.delete_user_pool(UserPoolId=id)
    aws.cognito_idp.delete_user_pool_domain(UserPoolId=id, Domain="mine")
    aws.cognito_idp.delete_user_pool(UserPoolId=id)


@case
def pools_have_tags(aws):
    id = pool(aws, UserPoolTags={"a": "1", "b": "2"})
    aws.cognito_idp.tag_resource(ResourceArn=arn(id), Tags={"b": "3"})
    aws.cognito_idp.untag_resource(ResourceArn=arn(id), TagKeys=["a"])
    assert aws.cognito_idp.list_tags_for_resource(ResourceArn=arn(id))["Tags"] == {"b": "3"}
    assert aws.cognito_idp.describe_user_pool(UserPoolId=id)["UserPool"]["UserPoolTags"] == {"b": "3"}


@case
def a_domain_belongs_to_one_pool(aws):
    aws.cognito_idp.create_user_pool_domain(UserPoolId=pool(aws), Domain="mine")
    with refused("InvalidParameterException"):
        aws.cognito_idp.create_user_pool_domain(UserPoolId=pool(aws), Domain="mine")


@case
def a_pool_has_one_prefix_domain(aws):
    id = pool(aws)
    aws.cognito_idp.create_user_pool_domain(UserPoolId=id, Domain="one")
    with refused("InvalidParameterException"):
        aws.cognito_idp.create_user_pool_domain(UserPoolId=id, Domain="two")


@case
def a_custom_domain_tells_its_certificate(aws):
    id = pool(aws)
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/a"
    aws.cognito_idp.create_user_pool_domain(
        UserPoolId=id,
        Domain="auth.example.com",
        CustomDomainConfig={"CertificateArn": certificate},
        ManagedLoginVersion=1,
    )
    found = aws.cognito_idp.describe_user_pool_domain(Domain="auth.example.com")["DomainDescription"]
    assert found["CustomDomainConfig"]["CertificateArn"] == certificate and found["AWSAccountId"] == "123456789012"
    assert aws.cognito_idp.describe_user_pool(UserPoolId=id)["UserPool"]["CustomDomain"] == "auth.example.com"
    aws.cognito_idp.update_user_pool_domain(UserPoolId=id, Domain="auth.example.com", ManagedLoginVersion=2)
    assert (
        aws.cognito_idp.describe_user_pool_domain(Domain="auth.example.com")["DomainDescription"]["ManagedLoginVersion"]
        == 2
    )


@ordinary
def a_domain_that_nobody_has_is_described_as_nothing(aws):
    assert aws.cognito_idp.describe_user_pool_domain(Domain="nobody")["DomainDescription"] == {}


@case
def a_provider_exists_once(aws):
    id = pool(aws)
    google(aws, id)
    with refused("DuplicateProviderException"):
        google(aws, id)


@case
def the_addresses_of_google_are_filled_in(aws):
    id = pool(aws)
    google(aws, id)
    found = aws.cognito_idp.describe_identity_provider(UserPoolId=id, ProviderName="Google")["IdentityProvider"]
    assert found["ProviderDetails"]["oidc_issuer"] == "https://accounts.google.com"


@case
def a_client_wants_its_providers_to_exist(aws):
    with refused("InvalidParameterException"):
        aws.cognito_idp.create_user_pool_client(
            UserPoolId=pool(aws), ClientName="web", SupportedIdentityProviders=["Google"]
        )


@case
def an_update_of_a_client_resets_what_it_leaves_out(aws):
    id = pool(aws)
    made = aws.cognito_idp.create_user_pool_client(
        UserPoolId=id,
        ClientName="web",
        GenerateSecret=True,
        CallbackURLs=["https://a"],
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]
    aws.cognito_idp.update_user_pool_client(UserPoolId=id, ClientId=made["ClientId"], RefreshTokenValidity=5)
    live = aws.cognito_idp.describe_user_pool_client(UserPoolId=id, ClientId=made["ClientId"])["UserPoolClient"]
    assert live["ClientName"] == "web" and live["ClientSecret"] == made["ClientSecret"]
    assert live["RefreshTokenValidity"] == 5 and "CallbackURLs" not in live and "CreationDate" in live
